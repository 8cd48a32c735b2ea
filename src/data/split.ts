// Which crystals a network learns from, is tuned on, and is judged by. A file's own splits win; otherwise crystals are
// split by a hash of their ids, so that neither the order of the file nor the machine changes who is tested.

import { DatasetError } from '../errors.ts'
import { hashText, orderedByHash } from '../math/hash.ts'
import type { LabelledCrystal, Split } from './labelled.ts'

/** Crystals by split. */
export type SplitCrystals = Readonly<Record<Split, readonly LabelledCrystal[]>>

/** Of splits by a hash, where none is given. */
const SEED = 0

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
  const { groupBy = ({ id }: LabelledCrystal) => id } = options
  const { train, val, test } = splitNumbers(
    crystals.map(({ split }) => split),
    () => crystals.map(groupBy),
    options,
  )
  const of = (numbers: Int32Array) => Array.from(numbers, (n) => crystals[n])
  return { train: of(train), val: of(val), test: of(test) }
}

/**
 * The same of what the crystals name, as their numbers.
 * @param keysOf the crystals, asked for where they name no split
 */
export function splitNumbers(
  named: readonly (Split | undefined)[],
  keysOf: () => readonly string[],
  options: Omit<SplitOptions, 'groupBy'> = {},
): Readonly<Record<Split, Int32Array>> {
  const count = named.filter((split) => split !== undefined).length
  if (count !== 0 && count !== named.length) {
    throw new DatasetError(
      `${count} of ${named.length} crystals name a split; expected all or none of them to`,
    )
  }
  const splits = count > 0 ? named : hashedSplits(keysOf(), options)
  const of = (split: Split) => Int32Array.from(splits.flatMap((one, n) => (one === split ? [n] : [])))
  const numbers = { train: of('train'), val: of('val'), test: of('test') }
  if (numbers.train.length > 0) return numbers
  throw new DatasetError(`none of the ${named.length} crystals is in the train split`)
}

/** Of a key, which ranks it among the others where no seed is asked for. */
export function rankingHash(key: string): number {
  return hashText(key, SEED)
}

/**
 * The same where every crystal has a key of its own, each with its number.
 * @param hashes [crystals] `rankingHash` of the keys
 * @param keyOf a crystal, asked for where two hashes are the same
 */
export function* splitsByHash(
  hashes: Uint32Array,
  keyOf: (n: number) => string,
): Generator<[n: number, split: Split]> {
  const order = Uint32Array.from(hashes.keys())
  order.sort((a, b) => hashes[a] - hashes[b] || (a !== b && keyOf(a) < keyOf(b) ? -1 : 1))
  let place = 0
  for (const split of dealt(
    order.map(() => 1),
    order.length,
    {},
  ))
    yield [order[place++], split]
}

function hashedSplits(
  keys: readonly string[],
  { seed = SEED, ...shares }: Omit<SplitOptions, 'groupBy'>,
): Split[] {
  const sizes = new Map<string, number>()
  for (const key of keys) sizes.set(key, (sizes.get(key) ?? 0) + 1)
  const ranked = orderedByHash([...sizes.keys()], (key) => key, seed)
  const splits = dealt(
    ranked.map((key) => sizes.get(key)!),
    keys.length,
    shares,
  )
  const splitOfKey = new Map([...splits].map((split, rank) => [ranked[rank], split]))
  return keys.map((key) => splitOfKey.get(key)!)
}

/** The split of each group. @param sizes of the groups, ranked @param count crystals in all */
function* dealt(
  sizes: Iterable<number>,
  count: number,
  { val = 0.1, test = 0.1 }: Pick<SplitOptions, 'val' | 'test'>,
): Generator<Split> {
  if (!(val >= 0 && test >= 0 && val + test < 1)) {
    throw new DatasetError(
      `shares val ${val} and test ${test} leave nothing to train on; expected a sum below 1`,
    )
  }
  const wanted = { test: Math.round(test * count), val: Math.round(val * count) }
  for (const size of sizes) {
    const split = wanted.test >= size ? 'test' : wanted.val >= size ? 'val' : 'train'
    if (split !== 'train') wanted[split] -= size
    yield split
  }
}
