// The crystals of one split as a network takes them: from the supply of the data set, with the targets that it learns.

import { type Chosen, someOf } from '../data/crystals.ts'
import type { LabelledCrystal } from '../data/labelled.ts'
import { standardisedTargets, type TargetScaling } from '../data/scaling.ts'
import type { FedCrystal } from '../engines/preparation.ts'
import type { Supply } from './supply.ts'

export interface PreparedSet {
  /** Crystals. */
  readonly length: number
  /** Whether its crystals are read anew each time: there may be any number of them. */
  readonly isOnDisk: boolean
  /** Atoms of each crystal. */
  readonly sizes: Int32Array
  /** [crystals, targets] row major; NaN where one is missing. */
  readonly standardised: Float32Array
  /** A crystal as it is labelled. */
  readonly labelled: (index: number) => LabelledCrystal
  /** [targets] of a crystal, in their units; null where one is missing. */
  readonly actual: (index: number) => (number | null)[]
  /** @throws DatasetError naming a crystal that the network cannot take. */
  readonly at: (index: number) => FedCrystal
  /** The crystals of batches, one after the other; `indices` are of this set. */
  readonly batches: (indices: readonly (readonly number[])[]) => AsyncIterable<FedCrystal[]>
  /** Some of them. */
  readonly some: (indices: Int32Array) => PreparedSet
}

/**
 * @param isKept whether crystals are needed again and again
 * @throws DatasetError naming the first crystal without any target
 */
export function preparedSet(
  crystals: Chosen,
  scaling: readonly TargetScaling[],
  supply: Supply,
  isKept = true,
): PreparedSet {
  const { numbers } = crystals
  const values = scaling.map(({ name }) => crystals.valuesOf(name))
  const standardised = standardisedTargets(crystals, scaling)
  return {
    length: crystals.length,
    isOnDisk: crystals.placeOf !== undefined,
    sizes: crystals.sites,
    standardised,
    labelled: crystals.at,
    actual: (index) => values.map((column) => (Number.isNaN(column[index]) ? null : column[index])),
    at: (index) => supply.at(numbers[index], isKept),
    batches: (indices) => supply.batches(numbersOf(indices, numbers), isKept),
    some: (indices) => preparedSet(someOf(crystals, indices), scaling, supply, isKept),
  }
}

function* numbersOf(indices: readonly (readonly number[])[], numbers: Int32Array): Generator<number[]> {
  for (const some of indices) yield some.map((index) => numbers[index])
}
