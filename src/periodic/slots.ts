// How many images a slot holds. A batch is a rectangle of S slots by M images for every atom: a neighbour with more than
// M images takes several slots, one with fewer leaves part of its slot empty.

import { longestRow } from './measures.ts'
import type { Runs } from './runs.ts'

/**
 * Work per slot in units of the work per image: a slot picks the scores of its pair and enters a running sum, whatever
 * the number of its images (docs/decisions/005).
 */
const SLOT_COST = 0.1

export interface SlotShape {
  /** S, slots an atom */
  readonly slots: number
  /** M, images a slot */
  readonly imagesPerSlot: number
}

/** The shape (S, M) of least work S·(M + SLOT_COST) for these atoms together; S is what the neediest atom takes. */
export function slotShape(tables: readonly Runs[]): SlotShape {
  const { lengths, longest, most: mostRuns } = extent(tables)
  const slotsOf = new Int32Array(longest + 1)
  let best: SlotShape = { slots: 1, imagesPerSlot: 1 }
  let leastWork = Number.POSITIVE_INFINITY
  // No atom does with fewer slots than it has runs: from some M on even that is more work than the best.
  for (let M = 1; M <= longest && mostRuns * (M + SLOT_COST) < leastWork; M++) {
    for (const length of lengths) slotsOf[length] = Math.ceil(length / M)
    const slots = slotsNeeded(tables, slotsOf, leastWork / (M + SLOT_COST))
    const work = slots * (M + SLOT_COST)
    if (work >= leastWork) continue
    leastWork = work
    best = { slots, imagesPerSlot: M }
  }
  return best
}

/** Images of a run: every number that occurs, and the largest; and the most runs of an atom. */
function extent(tables: readonly Runs[]) {
  const lengths = new Set<number>()
  let most = 1
  for (const { offsets, start } of tables) {
    for (let run = 1; run < start.length; run++) lengths.add(start[run] - start[run - 1])
    most = Math.max(most, longestRow(offsets))
  }
  return { lengths: [...lengths], longest: [...lengths].reduce((a, b) => Math.max(a, b), 1), most }
}

/**
 * Slots that the neediest atom takes; infinitely many as soon as some atom needs `enough`.
 *
 * @param slotsOf slots of a run by its length
 */
function slotsNeeded(tables: readonly Runs[], slotsOf: Int32Array, enough: number): number {
  let needed = 1
  for (const { offsets, start } of tables) {
    for (let i = 1; i < offsets.length; i++) {
      let slots = 0
      for (let run = offsets[i - 1]; run < offsets[i]; run++) slots += slotsOf[start[run + 1] - start[run]]
      if (slots >= enough) return Number.POSITIVE_INFINITY
      if (slots > needed) needed = slots
    }
  }
  return needed
}
