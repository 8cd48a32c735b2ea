// The structures of the files on a command line, one after another. What cannot be read is an entry with its error.

import { setImmediate } from 'node:timers/promises'
import type { Command } from 'commander'
import { listOfFormats } from '../crystal/formats/known.ts'
import { FORMATS } from '../crystal/formats/table.ts'
import type { ParsedStructure } from '../crystal/read.ts'
import type { Structure } from '../crystal/structure.ts'

/** What structure files may be, for the help of a command. */
export const STRUCTURE_FILES = `structure files: ${listOfFormats(FORMATS)}; packed or in archives, folders of them, or - for standard input`

export interface InputOptions {
  readonly filesFrom?: string
}

/** Arguments and options of a command that reads structures. */
export function structureInput(command: Command): Command {
  return command
    .argument('[files...]', STRUCTURE_FILES)
    .option('--files-from <list>', 'a text file with the name of a file a line, - for standard input')
}

/** The files of a command line, those of a list behind them; where there are none, it is wrong usage. */
export async function inputFiles(
  files: readonly string[],
  { filesFrom }: InputOptions,
  command: Command,
): Promise<string[]> {
  const { listedFiles } = await import('../data/structure-files.ts')
  const all = filesFrom === undefined ? [...files] : [...files, ...(await listedFiles(filesFrom))]
  if (all.length > 0) return all
  return command.error(
    'error: no files: name some, - for standard input, or a list of them with --files-from',
  )
}

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
  const { entriesOfInput, predictable } = await import('../data/structure-files.ts')
  let count = 0
  for (const input of files) {
    for await (const found of entriesOfInput(input)) {
      // Lets in signals, and what standard output has to say.
      if (++count % BETWEEN === 0) await setImmediate()
      const { file, entry } = found
      const { index, warnings } = entry
      const { structure } = entry as Partial<ParsedStructure>
      if (options.elements === false && structure) yield { file, index, warnings, structure }
      else yield { file, index, warnings, ...predictable(found) }
    }
  }
}
