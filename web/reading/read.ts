// From files or text to rows: every structure, and for each that cannot be read its error. Nothing here throws for what a
// file holds. Runs in the worker: reading is long work.

import { failureOf } from '../../src/components/failure.ts'
import { entriesOf, type StructureEntry, standInsRefused } from '../../src/crystal/entries.ts'
import { formatsFor } from '../../src/crystal/formats/usual.ts'
import { type CrystalOnnxError, LimitError, ParseError } from '../../src/errors.ts'
import type { ReadRow } from '../crystals/batch.ts'
import { LIMITS, mebibytes } from '../intake/limits.ts'
import { isPacked, isTable } from './kinds.ts'

/** A file, or text that was pasted, under a name. */
export type Source =
  | { readonly name: string; readonly file: File }
  | { readonly name: string; readonly text: string }

/** The rows of the sources in their order; ends with an error where they are more than `room`. */
export async function* readSources(sources: readonly Source[], room: number): AsyncGenerator<ReadRow> {
  let structures = 0
  for (const source of sources.slice(0, LIMITS.files)) {
    for await (const row of rowsOf(source)) {
      if (structures++ === room) {
        const message = `more than ${LIMITS.structures} structures: the rest is left out; crystal-onnx predict takes any number`
        yield failed(source.name, row.index, new LimitError(message))
        return
      }
      yield row
    }
  }
  if (sources.length > LIMITS.files) {
    const rest = sources.length - LIMITS.files
    const message = `the last ${rest} of ${sources.length} files are left out: at most ${LIMITS.files} at a time`
    yield failed(sources[LIMITS.files].name, 0, new LimitError(message))
  }
}

async function* rowsOf(source: Source): AsyncGenerator<ReadRow> {
  try {
    if ('text' in source) return yield* rowsOfContent(source.name, source.text)
    const bytes = await bytesOf(source)
    if (!isPacked(bytes)) return yield* rowsOfContent(source.name, bytes)
    const { membersOf } = await import('./members.ts')
    for (const member of membersOf(source.name, bytes)) yield* rowsOfContent(member.name, member.bytes)
  } catch (error) {
    yield failed(source.name, 0, error as CrystalOnnxError)
  }
}

async function bytesOf({ name, file }: Extract<Source, { readonly file: File }>): Promise<Uint8Array> {
  if (file.size > LIMITS.fileBytes) {
    const message = `${name}: ${mebibytes(file.size)}, at most ${mebibytes(LIMITS.fileBytes)} are read; split it`
    throw new LimitError(message)
  }
  try {
    return new Uint8Array(await file.arrayBuffer())
  } catch (cause) {
    throw new ParseError(`${name}: cannot be read (${(cause as Error).message})`, {}, { cause })
  }
}

/** What few files are is loaded with the first of them: readers of tables and archives, and of most formats. */
async function* rowsOfContent(name: string, content: string | Uint8Array): AsyncGenerator<ReadRow> {
  if (isTable(name, content)) {
    const { readTable } = await import('./csv.ts')
    return yield* readTable(name, content)
  }
  const formats = await formatsFor(name, content)
  const options = { file: name, maxBytes: LIMITS.unpackedBytes, formats }
  for (const read of entriesOf(content, options)) yield rowOf(name, read)
}

function rowOf(file: string, read: StructureEntry): ReadRow {
  const { index, warnings } = read
  if ('error' in read) return failed(file, index, read.error, warnings)
  const refused = standInsRefused(read, file)
  if (refused) return failed(file, index, refused)
  const { structure, labels } = read
  return { file, index, structure, warnings, ...(labels && Object.keys(labels).length > 0 && { labels }) }
}

export function failed(
  file: string,
  index: number,
  error: CrystalOnnxError,
  warnings: readonly string[] = [],
): ReadRow {
  return { file, index, warnings, failure: failureOf(error) }
}
