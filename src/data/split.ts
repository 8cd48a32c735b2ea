// Which crystals a network learns from, is tuned on, and is judged by. A file's own splits win; otherwise crystals are
// split by a hash of their ids, so that neither the order of the file nor the machine changes who is tested.

import { DatasetError } from '../errors.ts'
import { orderedByHash } from '../math/hash.ts'
import type { LabelledCrystal, Split } from './labelled.ts'

/** Crystals by split. */
export type SplitCrystals = Readonly<Record<Split, readonly LabelledCrystal[]>>

/** How crystals are split that name no split. */
export interface SplitOptions {
  /** Share of val, in [0, 1). Default 0.1. */
  readonly val?: number
  /** Share of test, in [0, 1); train takes the rest. Default 0.1. */
  readonly test?: number
  /** Default 0. */
  readonly seed?: number
  /** Crystals with the same key stay together: near duplicates must not be on both sides. Default: the id. */
  readonly groupBy?: (crystal: LabelledCrystal) => string
}

/**
 * The splits of a data set. When every crystal names its split, that is what counts. When none does, groups are ranked
 * by `hashText(key, seed)` and dealt out: first test, then val, until each has its share (rounded; a group is
 * never divided), the rest is train. Within a split the order of the data set is kept.
 * @throws DatasetError when only some crystals name a split, the shares leave nothing to train on, or train is empty.
 */
export function splitDataset(
  crystals: readonly LabelledCrystal[],
  options: SplitOptions = {},
): SplitCrystals {
  const named = crystals.filter((c) => c.split !== undefined).length
  if (named !== 0 && named !== crystals.length) {
    throw new DatasetError(
      `${named} of ${crystals.length} crystals name a split; expected all or none of them to`,
    )
  }
  const splitOf = named > 0 ? (c: LabelledCrystal) => c.split as Split : hashedSplit(crystals, options)
  const result = { train: [], val: [], test: [] } as Record<Split, LabelledCrystal[]>
  for (const crystal of crystals) result[splitOf(crystal)].push(crystal)
  if (result.train.length === 0) {
    throw new DatasetError(`none of the ${crystals.length} crystals is in the train split`)
  }
  return result
}

function hashedSplit(
  crystals: readonly LabelledCrystal[],
  { val = 0.1, test = 0.1, seed = 0, groupBy = (c) => c.id }: SplitOptions,
): (crystal: LabelledCrystal) => Split {
  if (!(val >= 0 && test >= 0 && val + test < 1)) {
    throw new DatasetError(
      `shares val ${val} and test ${test} leave nothing to train on; expected a sum below 1`,
    )
  }
  const sizes = new Map<string, number>()
  for (const crystal of crystals) sizes.set(groupBy(crystal), (sizes.get(groupBy(crystal)) ?? 0) + 1)
  const wanted = { test: Math.round(test * crystals.length), val: Math.round(val * crystals.length) }
  const splitOfKey = new Map<string, Split>()
  for (const key of orderedByHash([...sizes.keys()], (key) => key, seed)) {
    const size = sizes.get(key) as number
    const split = wanted.test >= size ? 'test' : wanted.val >= size ? 'val' : 'train'
    splitOfKey.set(key, split)
    if (split !== 'train') wanted[split] -= size
  }
  return (crystal) => splitOfKey.get(groupBy(crystal)) as Split
}
