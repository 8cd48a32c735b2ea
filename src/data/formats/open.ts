// Which form a data file is in, by its name where that tells, else by how it begins, and the reader of that form.

import { openBytes } from '../bytes.ts'
import { csvRecords } from './csv.ts'
import { folderRecords, isFolder } from './folder.ts'
import { jsonRecords } from './json.ts'
import { jsonLineRecords } from './json-lines.ts'
import type { DatasetRecord, RecordOptions, RecordReader } from './record.ts'

const READERS = {
  'json-lines': jsonLineRecords,
  csv: csvRecords,
  json: jsonRecords,
  folder: folderRecords,
} as const satisfies Record<string, RecordReader>

/** The form of a data file, or a folder. */
export type DatasetFormat = keyof typeof READERS

/** How much of a file is looked at. */
const HEAD = 256 * 1024

/** The records of a data file of any form, one by one. @throws DatasetError when it cannot be opened. */
export async function* openRecords(path: string, options: RecordOptions): AsyncGenerator<DatasetRecord> {
  yield* READERS[await datasetFormat(path)](path, options)
}

/** The form of a data file or folder. What is not recognised counts as JSON lines. */
export async function datasetFormat(path: string): Promise<DatasetFormat> {
  if (await isFolder(path)) return 'folder'
  const name = path.toLowerCase().replace(/\.(?:gz|zip)$/, '')
  if (name.endsWith('.csv')) return 'csv'
  if (name.endsWith('.jsonl') || name.endsWith('.ndjson')) return 'json-lines'
  return formatOfHead(await head(path))
}

async function head(path: string): Promise<string> {
  const { chunks } = await openBytes(path)
  const pieces: Buffer[] = []
  let length = 0
  for await (const chunk of chunks) {
    pieces.push(chunk)
    length += chunk.length
    if (length >= HEAD) break
  }
  return Buffer.concat(pieces)
    .toString('utf8', 0, HEAD)
    .replace(/^\uFEFF/, '')
}

function formatOfHead(text: string): DatasetFormat {
  const start = text.trimStart()
  if (start.startsWith('[')) return 'json'
  if (!start.startsWith('{'))
    return /^[^\n{[]*,[^\n]*(?:cif|structure|atoms)/i.test(start) ? 'csv' : 'json-lines'
  const end = start.indexOf('\n')
  const record = objectOf(end < 0 ? start : start.slice(0, end))
  // The first line of a document over several lines is no object of its own; nor does it end within a long head.
  if (record === undefined) return 'json'
  const isRecord = ['lattice', 'lattice_mat', 'frac', 'structure', 'atoms', 'cif'].some((key) =>
    Object.hasOwn(record, key),
  )
  return isRecord ? 'json-lines' : 'json'
}

function objectOf(line: string): object | undefined {
  try {
    return JSON.parse(line.replace(/\b(?:NaN|-?Infinity)\b/g, 'null')) as object
  } catch {
    return undefined
  }
}
