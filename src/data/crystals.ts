// Labelled crystals by their number, as training reads them: all in memory, or one after the other from a disk
// (stored/). What is needed of every crystal at once are numbers in typed arrays. Not here: where they come from.

import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { formatLabelledCrystal, type LabelledCrystal, type Split } from './labelled.ts'
import { splitNumbers } from './split.ts'

/** Some crystals, from 0. */
export interface CrystalList {
  /** Crystals. */
  readonly length: number
  /** The crystal of a number; from a disk it is read anew each time. */
  readonly at: (n: number) => LabelledCrystal
  /** [length] sites of each */
  readonly sites: Int32Array
  /** [length] of a target; NaN where it is missing */
  readonly valuesOf: (target: string) => Float64Array
  /** Where a crystal lies that is on a disk, for another thread. */
  readonly placeOf?: (n: number) => RecordPlace
}

/** A crystal in an open file of records. */
export interface RecordPlace {
  /** the file, open in this process */
  readonly descriptor: number
  /** bytes from its beginning */
  readonly start: number
  /** of the record */
  readonly bytes: number
}

/** Where the index of a data set lies, for another thread. */
export interface IndexPlace {
  readonly path: string
  /** what it is an index of */
  readonly source: string
}

/** A data set: its crystals in their order. */
export interface Crystals extends CrystalList {
  /** Of those on a disk. */
  readonly index?: IndexPlace
  /** Numbers of the crystals of each split, ascending. @throws DatasetError as splitDataset */
  readonly splits: () => Readonly<Record<Split, Int32Array>>
  /** Hex, over every crystal in order. */
  readonly sha256: () => string
  /** Crystals of the data that carry no target, and were left out. */
  readonly unlabelled: number
  /** What was found out about a data set on a disk, or is now, and is kept beside it: plain values of JSON. */
  readonly remembered: <T>(what: string, find: () => Promise<T>) => Promise<T>
}

/** Crystals that are all in memory. */
export function inMemory(crystals: readonly LabelledCrystal[], unlabelled = 0): Crystals {
  const columns = new Map<string, Float64Array>()
  return {
    length: crystals.length,
    at: (n) => crystals[n],
    sites: Int32Array.from(crystals, ({ structure }) => structure.species.length),
    valuesOf: (target) => {
      const known = columns.get(target)
      if (known) return known
      const column = Float64Array.from(crystals, ({ targets }) => targets[target] ?? Number.NaN)
      columns.set(target, column)
      return column
    },
    splits: () =>
      splitNumbers(
        crystals.map(({ split }) => split),
        () => crystals.map(({ id }) => id),
      ),
    sha256: () => dataHash(crystals),
    unlabelled,
    remembered: (_, find) => find(),
  }
}

/** sha256, hex, over every crystal of a data set in order. */
export function dataHash(crystals: Iterable<LabelledCrystal>): string {
  // Not of node:crypto: pages train, too.
  const hash = sha256.create()
  for (const crystal of crystals) hash.update(utf8ToBytes(`${formatLabelledCrystal(crystal)}\n`))
  return bytesToHex(hash.digest())
}

/** One after the other. */
export function* each({ length, at }: Pick<CrystalList, 'length' | 'at'>): Generator<LabelledCrystal> {
  for (let n = 0; n < length; n++) yield at(n)
}

/** Some crystals of a data set, which know their numbers in it. */
export interface Chosen extends CrystalList {
  readonly numbers: Int32Array
}

/** @param numbers in any order */
export function chosenOf(crystals: CrystalList, numbers: Int32Array): Chosen {
  const { at, sites, valuesOf, placeOf } = crystals
  return {
    length: numbers.length,
    numbers,
    at: (n) => at(numbers[n]),
    sites: Int32Array.from(numbers, (n) => sites[n]),
    valuesOf: (target) => {
      const values = valuesOf(target)
      return Float64Array.from(numbers, (n) => values[n])
    },
    ...(placeOf && { placeOf: (n: number) => placeOf(numbers[n]) }),
  }
}

/** Some of those. @param indices among them */
export function someOf(crystals: Chosen, indices: Int32Array): Chosen {
  const numbers = Int32Array.from(indices, (index) => crystals.numbers[index])
  return { ...chosenOf(crystals, indices), numbers }
}

/** A data set of the same crystals in another order and in other splits. */
export function dealtOf(crystals: Crystals, numbers: Int32Array, splitOf: (n: number) => Split): Crystals {
  const { numbers: _, ...chosen } = chosenOf(crystals, numbers)
  const at = (n: number): LabelledCrystal => ({ ...chosen.at(n), split: splitOf(n) })
  const ofSplit = (split: Split) =>
    Int32Array.from(Array.from(numbers.keys()).filter((n) => splitOf(n) === split))
  return {
    ...chosen,
    at,
    splits: () => ({ train: ofSplit('train'), val: ofSplit('val'), test: ofSplit('test') }),
    sha256: () => dataHash(each({ length: numbers.length, at })),
    unlabelled: crystals.unlabelled,
    remembered: (what, find) => crystals.remembered(what, find),
  }
}
