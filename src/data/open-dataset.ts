// Data sets of any size for training: few crystals are read into memory; of more an index is made once, beside the file,
// and found again as long as the file stays the same.

import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatasetError } from '../errors.ts'
import { type Crystals, inMemory } from './crystals.ts'
import { type ReadOptions, readDataset } from './dataset.ts'
import type { LabelledCrystal } from './labelled.ts'
import { buildStored } from './stored/build.ts'
import { buildBeside } from './stored/build-beside.ts'
import { openStored } from './stored/open.ts'
import { indexFolders, indexName, sourceOf, writableFolder } from './stored/place.ts'

/** What is read, and how much of it is kept in memory. */
export interface OpenOptions {
  /** Only crystals that carry this target, or any of these; other targets are not kept of what is on a disk. */
  readonly target: string | readonly string[]
  /** Reduce every crystal to its primitive standard cell. */
  readonly primitive?: boolean
  /** Sites of all crystals together up to which they are kept in memory. Default 250,000. */
  readonly sitesInMemory?: number
  /** Called every few hundred records. */
  readonly onProgress?: ReadOptions['onProgress']
}

const SITES_IN_MEMORY = 250_000

/**
 * The crystals of a data file or folder, or of several. More than `sitesInMemory` are written to an index, in the folder
 * `.crystal-onnx` beside the first file, or in the user's cache folder where that cannot be written to.
 * @throws DatasetError and LimitError as readDataset
 */
export async function openDataset(data: string | readonly string[], options: OpenOptions): Promise<Crystals> {
  const { primitive = false, sitesInMemory = SITES_IN_MEMORY, onProgress } = options
  const paths = [data].flat()
  const targets = [options.target].flat()
  const asked = { paths, targets, primitive }
  const folders = indexFolders(asked)
  const name = indexName(asked)
  const indexes = folders.map((folder) => join(folder, name)).filter(existsSync)
  const source = indexes.length > 0 ? await sourceOf(paths) : undefined
  for (const index of indexes) {
    const known = await openStored(index, source!)
    if (known) return known
  }

  let unlabelled = 0
  const onUnlabelled = () => unlabelled++
  const reading = readDataset(paths, { target: targets, primitive, onUnlabelled, onProgress })
  const first: LabelledCrystal[] = []
  let sites = 0
  for (;;) {
    const { value, done } = await reading.next()
    if (done) return inMemory(first, unlabelled)
    first.push(value)
    sites += value.structure.species.length
    if (sites > sitesInMemory) break
  }
  const folder = writableFolder(folders)
  const isTemporary = !folders.includes(folder)
  const index = join(folder, name)
  const isStream = folders.length === 0
  const before = source ?? (isStream ? '' : await sourceOf(paths))
  if (isStream) await buildStored(index, before, targets, rest(first, reading), () => unlabelled)
  else {
    await reading.return(undefined)
    first.length = 0
    await buildBeside({ asked, index, source: before }, onProgress)
  }
  const made = await openStored(index, before)
  if (!made) throw new DatasetError(`${index} cannot be read back; look at the disk of ${dirname(index)}`)
  // What is open stays readable.
  if (isTemporary) await rm(folder, { recursive: true, force: true }).catch(() => {})
  return made
}

/** Those that are in memory, which go, and then the others. */
async function* rest(
  first: LabelledCrystal[],
  others: AsyncIterable<LabelledCrystal>,
): AsyncGenerator<LabelledCrystal> {
  yield* first.splice(0)
  yield* others
}
