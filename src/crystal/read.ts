// Reading structures from the text or bytes of a file of any format of the toolkit. Runs in browsers; reading files from
// disk is file.ts.

import { entriesOf, type ParsedStructure, type ReadOptions, type StructureEntry } from './entries.ts'
import { FORMATS } from './formats/table.ts'

export {
  checkSize,
  type FailedEntry,
  MAX_BYTES,
  MAX_SITES,
  type ParsedStructure,
  type ReadOptions,
  type StructureEntry,
  standInsRefused,
} from './entries.ts'

/**
 * Every structure of an input, good or bad, one by one: CIF data blocks, extXYZ frames, elements of JSON arrays, JSON
 * lines. It never throws for what the input holds: a failure of the whole input is its last entry.
 */
export function readEntries(
  input: string | Uint8Array,
  options: ReadOptions = {},
): Generator<StructureEntry> {
  return entriesOf(input, { ...options, formats: options.formats ?? FORMATS })
}

/**
 * Every structure of an input.
 * @throws ParseError naming file and line, or LimitError, when any of them cannot be read.
 */
export function readStructures(input: string | Uint8Array, options: ReadOptions = {}): ParsedStructure[] {
  const structures: ParsedStructure[] = []
  for (const entry of readEntries(input, options)) {
    if ('error' in entry) throw entry.error
    structures.push(entry)
  }
  return structures
}
