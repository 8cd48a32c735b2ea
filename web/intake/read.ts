// From files or text to entries: every structure, and for each that cannot be read its error. Nothing here throws for
// what a file holds.

import { type ReadOptions, readEntries, type StructureEntry } from '../../src/crystal/read.ts'
import { type CrystalOnnxError, LimitError, ParseError } from '../../src/errors.ts'
import { failureOf } from '../failure.ts'
import type { Entry } from '../state.ts'
import { LIMITS, mebibytes } from './limits.ts'

/** A file, or text that was pasted, under a name. */
export type Source = File | { readonly name: string; readonly text: string }

/** Reading is synchronous work: after so many milliseconds of it the page gets a turn. */
const TURN_MS = 12

let nextId = 0

/** The structures of the sources in their order; ends with an error entry where they are more than `room`. */
export async function* readSources(sources: readonly Source[], room: number): AsyncGenerator<Entry> {
  let structures = 0
  let turn = performance.now()
  for (const source of sources.slice(0, LIMITS.files)) {
    for (const read of await entriesOf(source)) {
      if (structures++ === room) {
        const message = `more than ${LIMITS.structures} structures: the rest is left out; crystal-onnx predict takes any number`
        yield failed(source.name, read.index, new LimitError(message))
        return
      }
      yield entry(source.name, read)
      if (performance.now() - turn > TURN_MS) {
        await new Promise((resolve) => setTimeout(resolve))
        turn = performance.now()
      }
    }
  }
  if (sources.length > LIMITS.files) {
    const rest = sources.length - LIMITS.files
    const message = `the last ${rest} of ${sources.length} files are left out: at most ${LIMITS.files} at a time`
    yield failed(sources[LIMITS.files].name, 0, new LimitError(message))
  }
}

async function entriesOf(source: Source): Promise<Iterable<StructureEntry>> {
  const options: ReadOptions = { file: source.name, maxBytes: LIMITS.fileBytes }
  if (!(source instanceof File)) return readEntries(source.text, options)
  if (source.size > LIMITS.fileBytes) {
    const message = `${source.name}: ${mebibytes(source.size)}, at most ${mebibytes(LIMITS.fileBytes)} are read; split it`
    return [{ index: 0, error: new LimitError(message), warnings: [] }]
  }
  try {
    return readEntries(new Uint8Array(await source.arrayBuffer()), options)
  } catch (cause) {
    const message = `${source.name}: cannot be read (${(cause as Error).message}); a folder must be dropped file by file`
    return [{ index: 0, error: new ParseError(message, {}, { cause }), warnings: [] }]
  }
}

function entry(file: string, read: StructureEntry): Entry {
  const { index, warnings } = read
  if ('error' in read) return failed(file, index, read.error, warnings)
  if (read.placeholders) {
    const message = 'names no elements (VASP 4); write their symbols above the counts, as VASP 5 does'
    return failed(file, index, new ParseError(message, { file, line: 6 }))
  }
  return { id: nextId++, file, index, structure: read.structure, warnings, result: { status: 'waiting' } }
}

function failed(
  file: string,
  index: number,
  error: CrystalOnnxError,
  warnings: readonly string[] = [],
): Entry {
  return { id: nextId++, file, index, warnings, result: { status: 'failed', failure: failureOf(error) } }
}
