// What readers of formats with a line an item have in common: the lines of a text, the numbers on them, and errors that
// name them.

import { ParseError } from '../../errors.ts'
import type { Mat3, Vec3 } from '../../math/vectors.ts'
import type { ReadContext } from './format.ts'
import { parseNumber } from './reading.ts'

/** Whether a text begins with the number of atoms and a line that says how they lie. */
export function startsFrame(text: string): boolean {
  const [atoms, info = ''] = text.slice(0, 10_000).split('\n', 2)
  return /^\s*\d+\s*$/.test(atoms) && /(?:lattice|properties|pbc)\s*=/i.test(info)
}

export interface LineSource {
  readonly lines: readonly string[]
  readonly context: ReadContext
}

export function sourceOf(text: string, context: ReadContext): LineSource {
  return { lines: text.split('\n'), context }
}

/** The number of line `n` of the source in its file. */
export function lineNumber({ context }: LineSource, n: number): number {
  return context.linesBefore + n + 1
}

export function failAt(source: LineSource, n: number, message: string): ParseError {
  return new ParseError(message, { file: source.context.file, line: lineNumber(source, n) })
}

/** Behind ! or # stands a comment in all of these formats. */
export function wordsOf(line: string | undefined): string[] {
  const trimmed = (line ?? '').replace(/[!#].*/s, '').trim()
  return trimmed === '' ? [] : trimmed.split(/\s+/)
}

/** Three numbers of line `n`, from its word `first` on. @throws ParseError */
export function vectorAt(source: LineSource, n: number, what: string, first = 0): Vec3 {
  const words = wordsOf(source.lines[n]).slice(first, first + 3)
  const [x, y, z] = words.map(parseNumber)
  if (x === undefined || y === undefined || z === undefined) {
    throw failAt(source, n, `${what}: expected three numbers, found ${quoteLine(source.lines[n])}`)
  }
  return [x, y, z]
}

/** Three rows of three numbers from line `n`. @throws ParseError */
export function matrixAt(source: LineSource, n: number, what: string): Mat3 {
  return [vectorAt(source, n, what), vectorAt(source, n + 1, what), vectorAt(source, n + 2, what)]
}

/** The first line from `from` on that fits; -1 where there is none. */
export function findLine({ lines }: LineSource, pattern: RegExp, from = 0): number {
  for (let n = from; n < lines.length; n++) if (pattern.test(lines[n])) return n
  return -1
}

export function quoteLine(line: string | undefined): string {
  return line === undefined ? 'the end of the file' : JSON.stringify(line.trim().slice(0, 60))
}
