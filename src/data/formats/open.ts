// Which form a data file is in, by its name where that tells, else by how it begins, and the reader of that form.

import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { DatasetError } from '../../errors.ts'
import { DATA_FILE } from '../bytes.ts'
import { membersOf } from '../members.ts'
import { beginningOfInput } from '../standard-input.ts'
import { isStructureFile, structureFilesIn } from '../structure-files.ts'
import { hasTable, isFolder } from './folder.ts'
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
  const named = (name: DatasetFormat) => forms.find((form) => form.name === name)
  if (await isFolder(path)) {
    const areLoose = !(await hasTable(path)) && (await structureFilesIn(path, isLoose)).length > 0
    return named(areLoose ? 'structures' : 'folder')!
  }
  const whose = (says: (marks: FileMarks) => boolean) =>
    forms.find(({ found }) => found !== 'folder' && says(found))
  const ofName = (file: string) => {
    const name = file.toLowerCase().replace(/\.(?:gz|bz2|zip)$/, '')
    return whose(({ endings }) => endings.some((ending) => name.endsWith(ending)))
  }
  const own = ofName(path)
  if (own) return own
  const { name, text } = await head(path)
  if (text === undefined) return named('structures')!
  return ofName(name) ?? whose(({ detect }) => detect(text)) ?? jsonLines
}

/** Structure files that are no data sets and hold none. */
function isLoose(name: string): boolean {
  return isStructureFile(name) && !/\.(?:jsonl?|ndjson|zip|tar|tgz)(?:\.(?:gz|bz2))?$/i.test(name)
}

/**
 * How the file begins that is read, and its name: of an archive its first data set. Without a text where an archive holds
 * structure files instead.
 */
async function head(path: string): Promise<{ name: string; text?: string }> {
  const source = path === '-' ? [await beginningOfInput(HEAD)] : createReadStream(path)
  const pieces: Uint8Array[] = []
  let file = path
  try {
    for await (const { name, chunks, inArchive } of membersOf(path, Readable.from(source))) {
      if (inArchive && isLoose(name)) return { name }
      if (inArchive && !DATA_FILE.test(name)) continue
      file = name
      let length = 0
      for await (const chunk of chunks) {
        pieces.push(chunk)
        length += chunk.length
        if (length >= HEAD) break
      }
      break
    }
  } catch (error) {
    // Of standard input this is a part, which ends in the middle; what is wrong with a file is said when it is read.
    if (!(error instanceof DatasetError) && (error as NodeJS.ErrnoException).code === undefined) throw error
  }
  const text = Buffer.concat(pieces)
    .toString('utf8', 0, HEAD)
    .replace(/^\uFEFF/, '')
  return { name: file, text: text.trimStart() }
}
