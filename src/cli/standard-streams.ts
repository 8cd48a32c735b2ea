// Standard output and standard error: the one place that writes to them, and what happens when they cannot be written.
// A reader that has gone (`| head -1`) is no failure; a full disk is one, and is said once. Neither ends work whose
// product is a file.

import { once } from 'node:events'
import type { Writable } from 'node:stream'
import pc from 'picocolors'
import { OutputError } from '../errors.ts'
import { reasonOf } from '../files/reasons.ts'
import { descriptorStream } from '../files/through.ts'
import { EXIT } from './exit.ts'

class StandardOutput {
  private stream: Writable = descriptorStream(1)
  private isFile = false
  private failure: OutputError | undefined

  constructor() {
    this.stream.on('error', (error) => this.fail(error))
  }

  write(text: string): void {
    if (this.failure === undefined) this.stream.write(text)
  }

  /** Waits until what was written is taken. @throws OutputError when nothing can be written any more. */
  async drained(): Promise<void> {
    if (this.stream.errored) this.fail(this.stream.errored)
    if (this.failure === undefined && this.stream.writableNeedDrain) {
      await once(this.stream, 'drain').catch(() => {})
    }
    if (this.failure) throw this.failure
  }

  /** From now on it is the output file of the command; what else there is to say goes to standard error. */
  leaveToFile(): void {
    this.isFile = true
    this.stream = stderr
  }

  /** Whether an error only says that nobody reads standard output any more. */
  isClosedBy(error: unknown): boolean {
    const { code } = ((error as OutputError)?.cause ?? {}) as NodeJS.ErrnoException
    return code === 'EPIPE' && (this.isFile || error === this.failure)
  }

  /** Whether an error was said already. */
  hasSaid(error: unknown): boolean {
    return error === this.failure
  }

  private fail(cause: NodeJS.ErrnoException): void {
    if (this.failure || this.isFile) return
    this.failure = new OutputError(`standard output: cannot be written: ${reasonOf(cause)}`, { cause })
    if (cause.code === 'EPIPE') return
    stderr.write(`${pc.red('error')} ${this.failure.message}\n`)
    // Whatever the command makes of its own work.
    process.once('exit', (code) => {
      if (code === EXIT.ok || code === EXIT.partial) process.exitCode = EXIT.failed
    })
  }
}

/** What cannot be said there is said nowhere, and changes nothing. */
export const stderr = descriptorStream(2)
for (const stream of [stderr, process.stderr]) stream.on('error', () => {})

export const stdout = new StandardOutput()
