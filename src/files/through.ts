// Streams into what is no regular file: named pipes, devices, and descriptors that the process was given. They never
// block a thread of the process, which could then not end when it is told to.

import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { isatty } from 'node:tty'
import type { Target } from './target.ts'

/** How often a pipe that nobody reads yet is looked at, ms. */
const NO_READER_MS = 50

export async function openThrough(target: Exclude<Target, { kind: 'file' }>): Promise<Writable> {
  if (target.kind === 'descriptor') return descriptorStream(target.descriptor)
  if ((await stat(target.path)).isFIFO()) return pipeStream(target.path)
  const file = await open(target.path, constants.O_WRONLY | constants.O_TRUNC)
  return file.createWriteStream()
}

/** A descriptor of this process as a stream; writing to a file or a device happens at once, in one piece. */
export function descriptorStream(descriptor: number): Writable {
  const kind = fstatSync(descriptor)
  const isPipe = kind.isFIFO() || kind.isSocket()
  if (descriptor === 1 && (isPipe || isatty(1))) return process.stdout
  if (descriptor === 2 && (isPipe || isatty(2))) return process.stderr
  return isPipe ? new Socket({ fd: descriptor, readable: false }) : new FileStream(descriptor)
}

/** Waits for a reader, as a shell would, but lets signals in. */
async function pipeStream(path: string): Promise<Writable> {
  for (;;) {
    try {
      const descriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
      return new Socket({ fd: descriptor, readable: false })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
      await sleep(NO_READER_MS)
    }
  }
}

/** Node's own stream for this loses the end of a text that a full disk takes only in part, and says nothing. */
class FileStream extends Writable {
  private readonly descriptor: number

  constructor(descriptor: number) {
    super()
    this.descriptor = descriptor
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(this.descriptor, chunk, at)
      done()
    } catch (error) {
      done(error as Error)
    }
  }
}
