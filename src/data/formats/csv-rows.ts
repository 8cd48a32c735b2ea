// The rows of a CSV file as a stream, with the line each one starts on. Cells may be quoted and hold newlines, as CIF
// text does. What a row means is not known here.

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
  const parser = parse({
    bom: true,
    info: true,
    max_record_size: lineBytes,
    relax_column_count: true,
    skip_empty_lines: true,
  })
  // The callback is required; what fails arrives where the parser is read.
  pipeline(Readable.from(chunks), parser, () => {})
  let line = 1
  try {
    for await (const { info, record } of parser as Parser & AsyncIterable<{ info: Info; record: string[] }>) {
      yield { cells: record, line, bytesRead: bytesRead(), fileBytes }
      line = info.lines + 1
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
