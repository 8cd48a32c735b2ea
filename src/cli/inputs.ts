// The structures of the files on a command line, one after another. What cannot be read is an entry with its error.

import { setImmediate } from 'node:timers/promises'
import type { Structure } from '../crystal/structure.ts'
import { ParseError } from '../errors.ts'

/** Structures that are read in one go. */
const BETWEEN = 50

/** One structure of one file, or why there is none. `index` counts within the file, from 0. */
export interface Input {
  readonly file: string
  readonly index: number
  readonly warnings: readonly string[]
  readonly structure?: Structure
  readonly error?: unknown
}

/**
 * Reads file by file, so that a thousand files are never in memory at once. With `elements` (default) a file that names
 * no elements (VASP 4) is an error, since nothing can be predicted from it.
 */
export async function* readInputs(
  files: readonly string[],
  options: { elements?: boolean } = {},
): AsyncGenerator<Input> {
  const { readFileEntries } = await import('../crystal/file.ts')
  let count = 0
  for (const file of files) {
    for (const entry of await readFileEntries(file)) {
      // Lets in signals, and what standard output has to say.
      if (++count % BETWEEN === 0) await setImmediate()
      const { index, warnings } = entry
      if ('error' in entry) yield { file, index, warnings, error: entry.error }
      else if (entry.placeholders && options.elements !== false) {
        const message = 'names no elements (VASP 4); write their symbols above the counts, as VASP 5 does'
        yield { file, index, warnings: [], error: new ParseError(message, { file, line: 6 }) }
      } else yield { file, index, warnings, structure: entry.structure }
    }
  }
}
