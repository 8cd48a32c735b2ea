// Which form a data file is in, by its name where that tells, else by how it begins, and the reader of that form.

import { openBytes } from '../bytes.ts'
import { isFolder } from './folder.ts'
import { jsonLines } from './json-lines.ts'
import type { DatasetForm, DatasetRecord, FileMarks, RecordOptions } from './record.ts'
import { type DatasetFormat, FORMS } from './table.ts'

/** How much of a file is looked at. */
const HEAD = 256 * 1024

/** The records of a data file of any form, one by one. @throws DatasetError when it cannot be opened. */
export async function* openRecords(
  path: string,
  options: RecordOptions,
  forms: readonly DatasetForm[] = FORMS,
): AsyncGenerator<DatasetRecord> {
  yield* (await formOf(path, forms)).read(path, options)
}

/** The form of a data file or folder. What is not recognised counts as JSON lines. */
export async function datasetFormat(path: string): Promise<DatasetFormat> {
  return (await formOf(path, FORMS)).name as DatasetFormat
}

async function formOf(path: string, forms: readonly DatasetForm[]): Promise<DatasetForm> {
  if (await isFolder(path)) return forms.find(({ found }) => found === 'folder')!
  const name = path.toLowerCase().replace(/\.(?:gz|zip)$/, '')
  const whose = (says: (marks: FileMarks) => boolean) =>
    forms.find(({ found }) => found !== 'folder' && says(found))
  const named = whose(({ endings }) => endings.some((ending) => name.endsWith(ending)))
  if (named) return named
  const start = (await head(path)).trimStart()
  return whose(({ detect }) => detect(start)) ?? jsonLines
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
