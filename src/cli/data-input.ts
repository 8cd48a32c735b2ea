// What the commands of `data` share: the argument that names their data, the options that say how these are read, and reading
// them with a bar.

import type { Command } from 'commander'
import type { Crystals } from '../data/crystals.ts'
import type { ReadOptions, ReadProgress } from '../data/dataset.ts'
import { listOfForms } from '../data/formats/table.ts'
import type { LabelledCrystal } from '../data/labelled.ts'
import type { OpenOptions } from '../data/open-dataset.ts'
import { type Progress, progressBar } from './progress.ts'

export interface DataInputOptions {
  target?: string[]
  structureColumn?: string
  idColumn?: string
  filesFrom?: string
}

/** Every form that a data set may be in, for the help of a command. */
export const DATA_FORMS = listOfForms()

/** The data that a command reads: one argument, a list of more behind it. */
export function dataArgument(command: Command): Command {
  return command
    .argument('[data]', `${DATA_FORMS}; - for standard input`)
    .option('--files-from <list>', 'a text file with the name of a data file a line, - for standard input')
}

export function dataInput(command: Command): Command {
  return dataArgument(command)
    .option('--target <names...>', 'only crystals with these targets, and only these targets')
    .option('--structure-column <name>', 'the column or field of the structure, where its name does not tell')
    .option('--id-column <name>', 'the same for the id')
}

/** The data of a command line, that of a list behind it; where there is none, it is wrong usage. */
export async function dataOf(
  named: string | readonly string[] | undefined,
  { filesFrom }: Pick<DataInputOptions, 'filesFrom'>,
  command: Command,
): Promise<{
  readonly paths: readonly string[]
  readonly title: string
  readonly inputs: readonly string[]
}> {
  const { listedFiles } = await import('../data/structure-files.ts')
  const { dataFiles } = await import('../data/formats/folder.ts')
  const listed = filesFrom === undefined ? [] : await listedFiles(filesFrom)
  const paths = [...(named === undefined ? [] : [named].flat()), ...listed]
  if (paths.length === 0) {
    command.error(
      'error: no data: name a file or a folder, - for standard input, or a list of them with --files-from',
    )
  }
  const title = paths.length === 1 ? paths[0] : `${paths.length} files`
  return { paths, title, inputs: (await Promise.all(paths.map(dataFiles))).flat() }
}

/** The crystals of a data set, with a bar on stderr that fills with the bytes read. */
export async function* readWithBar(
  title: string,
  path: string | readonly string[],
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
      onProgress: shownOn(bar),
      ...options,
    })
  } finally {
    bar.stop()
  }
}

/** Opens a data set for training, with the same bar while it is read. */
export async function openWithBar(
  title: string,
  paths: readonly string[],
  options: OpenOptions,
): Promise<Crystals> {
  const { openDataset } = await import('../data/open-dataset.ts')
  const bar: Progress = progressBar(title, 100)
  try {
    return await openDataset(paths, { ...options, onProgress: shownOn(bar) })
  } finally {
    bar.stop()
  }
}

function shownOn(bar: Progress) {
  return ({ crystals, bytes, totalBytes }: ReadProgress) =>
    bar.update(Math.floor((100 * bytes) / totalBytes), `${crystals.toLocaleString('en')} crystals`)
}
