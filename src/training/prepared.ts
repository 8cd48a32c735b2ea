// The crystals of one split as a feed takes them. A crystal is prepared at its first use and kept, until the memory
// that was granted is used up; from there on the others are prepared anew each time.

import { ELEMENT_TABLE } from '../../models/elements.ts'
import type { LabelledCrystal } from '../data/labelled.ts'
import { standardisedTargets, type TargetScaling } from '../data/scaling.ts'
import type { FedCrystal, Feed } from '../engines/feed.ts'
import { DatasetError } from '../errors.ts'

/** Memory that prepared crystals may take, bytes; shared by the splits of a run. */
export interface MemoryBudget {
  left: number
}

/** Default of a run: about 60,000 crystals of ten atoms with the fused kernel. */
export const PREPARED_BYTES = 1024 ** 3

export interface PreparedSet {
  readonly crystals: readonly LabelledCrystal[]
  /** Atoms of each crystal. */
  readonly sizes: readonly number[]
  /** [crystals, targets] row major; NaN where one is missing. */
  readonly standardised: Float32Array
  readonly at: (index: number) => FedCrystal
}

/**
 * `at` throws a DatasetError naming a crystal that the network cannot take.
 * @throws DatasetError naming the first crystal without any target
 */
export function preparedSet(
  crystals: readonly LabelledCrystal[],
  scaling: readonly TargetScaling[],
  feed: Feed,
  budget: MemoryBudget,
): PreparedSet {
  const kept = new Map<number, FedCrystal>()
  return {
    crystals,
    sizes: crystals.map(({ structure }) => structure.species.length),
    standardised: standardisedTargets(crystals, scaling),
    at: (index) => {
      const known = kept.get(index)
      if (known) return known
      const made = prepare(crystals[index], feed)
      if (made.bytes <= budget.left) {
        budget.left -= made.bytes
        kept.set(index, made)
      }
      return made
    },
  }
}

function prepare(crystal: LabelledCrystal, feed: Feed): FedCrystal {
  const { id, structure } = crystal
  checkElements(crystal)
  try {
    return feed.prepare(structure)
  } catch (cause) {
    throw new DatasetError(`crystal "${id}": ${(cause as Error).message}`, { cause })
  }
}

function checkElements({ id, structure }: LabelledCrystal): void {
  for (const { element } of structure.species.flat()) {
    if (ELEMENT_TABLE.includes(element)) continue
    throw new DatasetError(
      `crystal "${id}" holds atomic number ${element}; the network knows 1 to ${ELEMENT_TABLE.length}`,
    )
  }
}
