// The rows of a CSV file as a stream, with the line each one starts on. Cells may be quoted and hold newlines, as CIF
// text does. Columns are separated by commas, or by semicolons, tabs or bars, as spreadsheets write them where the comma is that
// of numbers. What a row means is not known here.

import { pipeline, Readable } from 'node:stream'
import { CsvError, type Info, type Parser, parse } from 'csv-parse'
import { DatasetError, LimitError } from '../../errors.ts'
import { type ByteStream, type FileLimits, LINE_BYTES, openBytes } from '../bytes.ts'

export interface CsvRow {
  readonly cells: readonly string[]
  /** Line of the file that the row starts on, from 1. */
  readonly line: number
  readonly bytesRead: number
  readonly fileBytes: number
}

/** @param stream instead of the file at `path` @throws DatasetError for quotes that do not match; LimitError for a row longer than `limits.lineBytes`. */
export async function* csvRows(
  path: string,
  limits: FileLimits = {},
  stream?: ByteStream,
): AsyncGenerator<CsvRow> {
  const { lineBytes = LINE_BYTES } = limits
  const { chunks, bytesRead, fileBytes } = stream ?? (await openBytes(path, limits))
  const { separator, named, whole } = await separatorOf(chunks)
  const parser = parse({
    bom: true,
    delimiter: separator,
    info: true,
    max_record_size: lineBytes,
    relax_column_count: true,
    skip_empty_lines: true,
  })
  // The callback is required; what fails arrives where the parser is read.
  pipeline(Readable.from(whole), parser, () => {})
  // The line that names the separator is left out of the stream.
  const above = named ? 1 : 0
  let line = 1 + above
  const decimal = separator === ',' ? (cell: string) => cell : withPoint
  try {
    for await (const { info, record } of parser as Parser & AsyncIterable<{ info: Info; record: string[] }>) {
      yield { cells: record.map(decimal), line, bytesRead: bytesRead(), fileBytes }
      line = info.lines + 1 + above
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    if (cause.code === 'CSV_MAX_RECORD_SIZE') {
      throw new LimitError(
        `${path}, line ${line}: a row longer than ${lineBytes} bytes; a quote is missing, or raise limits.lineBytes`,
      )
    }
    throw new DatasetError(`${path}, line ${cause.lines ?? line}: not CSV (${cause.message})`, { cause })
  }
}

/** What columns are separated by. */
export const SEPARATORS = [',', ';', '\t', '|']
/** Bytes that are looked at for the end of the first line. */
const HEAD = 64 * 1024

/**
 * What separates columns, by the first line: `sep=;` says so itself (`named`), else what is in it most often outside of
 * quotes. `whole` is the stream again, from its beginning, without a line that names the separator.
 */
async function separatorOf(chunks: AsyncIterable<Buffer>): Promise<{
  readonly separator: string
  readonly named: boolean
  readonly whole: AsyncIterable<Buffer>
}> {
  const iterator = chunks[Symbol.asyncIterator]()
  const seen: Buffer[] = []
  let text = ''
  while (text.length < HEAD && !text.includes('\n')) {
    const { value, done } = await iterator.next()
    if (done) break
    seen.push(value)
    text += value.toString('latin1')
  }
  async function* whole() {
    yield* seen
    for (let part = await iterator.next(); !part.done; part = await iterator.next()) yield part.value
  }
  const head = text.replace(/^ï»¿/, '')
  const own = /^"?sep=([,;\t|])"?\r?$/m.exec(head.split('\n', 1)[0])?.[1]
  if (own !== undefined) {
    const read = Buffer.concat(seen.splice(0))
    seen.push(read.subarray(read.indexOf('\n') + 1))
    return { separator: own, named: true, whole: whole() }
  }
  const bare = head.replace(/"[^"]*(?:"|$)/g, '').split('\n', 1)[0]
  const count = (separator: string) => bare.split(separator).length
  const separator = SEPARATORS.reduce((best, other) => (count(other) > count(best) ? other : best))
  return { separator, named: false, whole: whole() }
}

/** A number with a comma in it, where commas do not separate columns. */
function withPoint(cell: string): string {
  return /^\s*[-+]?\d*,\d+(?:[eE][-+]?\d+)?\s*$/.test(cell) ? cell.replace(',', '.') : cell
}
