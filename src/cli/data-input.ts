// What `data check` and `data convert` share: the options that say how a data set is read, and reading it with a bar.

import type { Command } from 'commander'
import type { ReadOptions } from '../data/dataset.ts'
import type { LabelledCrystal } from '../data/labelled.ts'
import { type Progress, progressBar } from './progress.ts'

export interface DataInputOptions {
  target?: string[]
  structureColumn?: string
  idColumn?: string
}

/** Every form that a data set may be in, for the help of a command. */
export const DATA_FORMS =
  'JSON lines, CSV with a column of CIF, a folder with id_prop.csv, or a JSON document'

export function dataInput(command: Command): Command {
  return command
    .option('--target <names...>', 'only crystals with these targets, and only these targets')
    .option('--structure-column <name>', 'the column or field of the structure, where its name does not tell')
    .option('--id-column <name>', 'the same for the id')
}

/** The crystals of a data set, with a bar on stderr that fills with the bytes read. */
export async function* readWithBar(
  title: string,
  path: string,
  { target, structureColumn, idColumn }: DataInputOptions,
  options: ReadOptions = {},
): AsyncGenerator<LabelledCrystal> {
  const { readDataset } = await import('../data/dataset.ts')
  const bar: Progress = progressBar(title, 100)
  try {
    yield* readDataset(path, {
      target,
      structureField: structureColumn,
      idField: idColumn,
      onProgress: ({ crystals, bytes, totalBytes }) =>
        bar.update(Math.floor((100 * bytes) / totalBytes), `${crystals.toLocaleString('en')} crystals`),
      ...options,
    })
  } finally {
    bar.stop()
  }
}
