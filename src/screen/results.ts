// Parts read back, row by row, as a summary needs them.

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { ScreenError } from '../errors.ts'
import { openParquet } from '../parquet/open.ts'
import { rowsOfGroup } from '../parquet/rows.ts'
import { type PartRecord, partName, partPath, placesIn } from './manifest.ts'
import type { Format } from './sink.ts'

export type ResultRow = Readonly<Record<string, unknown>>

/** The rows of a part, some columns of them. @throws ScreenError for a part that cannot be read */
export async function* resultRows(
  folder: string,
  record: PartRecord,
  format: Format,
  columns: readonly string[],
): AsyncGenerator<ResultRow> {
  const path = partPath(folder, record, format)
  let count = 0
  try {
    for await (const row of format === 'jsonl' ? jsonRows(path) : parquetRows(path, columns)) {
      count++
      yield row
    }
  } catch (cause) {
    throw unreadable(folder, record, path, (cause as Error).message, cause)
  }
  if (count !== record.rows) throw unreadable(folder, record, path, `${count} rows instead of ${record.rows}`)
}

function unreadable(
  folder: string,
  record: PartRecord,
  path: string,
  why: string,
  cause?: unknown,
): ScreenError {
  return new ScreenError(
    `${path}: a finished part cannot be read (${why}); delete it and ${placesIn(folder).done}/${partName(record)}.json, and ` +
      'the same command makes it again',
    { cause },
  )
}

async function* parquetRows(path: string, columns: readonly string[]): AsyncGenerator<ResultRow> {
  const file = await openParquet(path)
  try {
    for (const group of file.groups.keys()) {
      for await (const rows of rowsOfGroup(file, group, columns)) yield* rows
    }
  } finally {
    await file.handle.close()
  }
}

async function* jsonRows(path: string): AsyncGenerator<ResultRow> {
  for await (const line of createInterface({ input: createReadStream(path) })) yield JSON.parse(line)
}
