// What a command prints. With --json: JSON lines on stdout and nothing else there. Otherwise tables on stdout.
// Warnings and progress always go to stderr. Counts what succeeded and failed, which decides the exit code.

import Table from 'cli-table3'
import pc from 'picocolors'
import { CrystalOnnxError } from '../errors.ts'
import { notFound } from '../not-found.ts'
import { EXIT } from './exit.ts'
import { stderr, stdout } from './standard-streams.ts'

export interface ErrorLine {
  readonly code: string
  readonly message: string
}

export class Output {
  private succeeded = 0
  private failures = 0
  readonly json: boolean

  constructor(json: boolean) {
    this.json = json
  }

  /** One result: a JSON line, or a human line when there is one. */
  line(value: object, human?: string): void {
    this.succeeded++
    if (this.json) stdout.write(`${JSON.stringify(value)}\n`)
    else if (human !== undefined) stdout.write(`${human}\n`)
  }

  /** One result that is written elsewhere than on stdout. */
  succeed(): void {
    this.succeeded++
  }

  /** An input that failed; the command goes on with the rest. */
  fail(where: { file: string; index?: number; id?: string }, error: unknown): void {
    this.failures++
    const line = errorLine(error)
    if (this.json) stdout.write(`${JSON.stringify({ ...where, error: line })}\n`)
    const place = where.index === undefined ? where.file : `${where.file} #${where.index}`
    const message = line.message.startsWith(where.file) ? line.message : `${place}: ${line.message}`
    stderr.write(`${pc.red('error')} ${message}\n`)
  }

  /** A table for people; nothing under --json. */
  table(head: string[], rows: (string | number)[][]): void {
    if (this.json || rows.length === 0) return
    const right = head.map((_, c) =>
      rows.every((row) => typeof row[c] === 'number' || /^[-+\d.e%]+$/.test(row[c])),
    )
    const table = new Table({
      head,
      style: { head: process.stdout.isTTY ? ['bold'] : [], border: [], compact: true },
      colAligns: right.map((r) => (r ? 'right' : 'left')),
    })
    table.push(...rows.map((row) => row.map(String)))
    stdout.write(`${table.toString()}\n`)
  }

  /** Plain text for people; nothing under --json. */
  text(message: string): void {
    if (!this.json) stdout.write(`${message}\n`)
  }

  /** A remark on stderr. */
  note(message: string): void {
    stderr.write(`${message}\n`)
  }

  warn(message: string): void {
    stderr.write(`${pc.yellow('warning')} ${message}\n`)
  }

  /** Waits for whoever reads stdout. @throws OutputError when nobody does any more: for commands that only print. */
  drained(): Promise<void> {
    return stdout.drained()
  }

  exitCode(): number {
    if (this.failures === 0) return EXIT.ok
    return this.succeeded === 0 ? EXIT.failed : EXIT.partial
  }
}

export function errorLine(error: unknown): ErrorLine {
  if (error instanceof CrystalOnnxError) return { code: error.code, message: error.message }
  const { code, path, syscall, message } = (error ?? {}) as NodeJS.ErrnoException
  if (code === 'ENOENT')
    return { code: 'NOT_FOUND', message: `${path}: ${notFound(path ?? '', 'file or folder')}` }
  if (code === 'EACCES') return { code: 'NOT_READABLE', message: `${path}: permission denied` }
  if (code === 'EISDIR')
    return { code: 'NOT_READABLE', message: `${path ?? 'a path'} is a folder, expected a file` }
  if (syscall !== undefined) return { code: 'SYSTEM', message }
  return {
    code: 'INTERNAL',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  }
}
