// The data of a run, by whatever they were given.

import { type Crystals, inMemory } from '../data/crystals.ts'
import { openDataset } from '../data/open-dataset.ts'
import type { TrainingRun } from './training-run.ts'

/** @throws DatasetError and LimitError as readDataset */
export async function openedData(
  data: TrainingRun['data'],
  targets: TrainingRun['targets'],
): Promise<{ readonly name: string; readonly crystals: Crystals }> {
  if (typeof data === 'string' || isList(data)) {
    const paths = [data].flat()
    const name = paths.length === 1 ? paths[0] : `${paths.length} files`
    return { name, crystals: await openDataset(paths, { target: targets.map((target) => target.name) }) }
  }
  const { name, crystals } = data
  return { name, crystals: isList(crystals) ? inMemory(crystals) : crystals }
}

/** `Array.isArray`, which does not know lists that are read-only. */
function isList<Item, Other>(value: readonly Item[] | Other): value is readonly Item[] {
  return Array.isArray(value)
}
