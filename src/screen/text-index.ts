// Where the crystals of a long text file begin, so that workers read stretches of it: lines of JSON, frames of extended XYZ. A
// pass over the bytes that parses nothing.

import { createReadStream } from 'node:fs'

export type TextFormat = 'json' | 'extxyz'

/** So many crystals of a file that follow each other. */
export interface Stretch {
  /** The first crystal, from 0. */
  readonly first: number
  readonly count: number
  /** Bytes, the end excluded. */
  readonly from: number
  readonly to: number
  readonly linesBefore: number
}

const NEWLINE = 0x0a
/** The longest first line of a frame. */
const COUNT = 32

/**
 * Stretches of `most` crystals. Blank lines count for nothing; what follows a frame that does not say how long it is belongs to
 * the last stretch.
 */
export async function indexText(file: string, format: TextFormat, most: number): Promise<Stretch[]> {
  const stretches: Stretch[] = []
  let [first, from, linesBefore] = [0, 0, 0]
  let [units, line, at] = [0, 0, 0]
  /** Lines of a frame that are still to come; undefined where nothing is understood any more. */
  let wanted: number | undefined = 0

  function close(end: number): void {
    if (units > first || end > from) {
      stretches.push({ first, count: units - first, from, to: end, linesBefore })
    }
    ;[first, from, linesBefore] = [units, end, line]
  }
  /** @param begin the beginning of the line, up to COUNT bytes, or undefined where it is of no interest */
  function onLine(begin: string, start: number): void {
    if (wanted === undefined) return
    if (format === 'extxyz' && wanted > 0) {
      wanted--
      return
    }
    if (begin.trim() === '') return
    if (units - first === most) close(start)
    units++
    if (format === 'extxyz') wanted = /^\s*\d{1,9}\s*$/.test(begin) ? Number(begin) + 1 : undefined
  }

  let begin = ''
  let start = 0
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    let position = 0
    for (let end: number; (end = chunk.indexOf(NEWLINE, position)) >= 0; position = end + 1) {
      if (begin.length < COUNT) begin += chunk.toString('latin1', position, Math.min(end, position + COUNT))
      onLine(begin, start)
      begin = ''
      line++
      start = at + end + 1
    }
    if (begin.length < COUNT) begin += chunk.toString('latin1', position, position + COUNT)
    at += chunk.length
  }
  if (begin !== '') onLine(begin, start)
  close(at)
  return stretches
}
