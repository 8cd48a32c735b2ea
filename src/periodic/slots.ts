// How many images a slot holds. A batch is a rectangle of S slots by M images for every atom: a neighbour with more than
// M images takes several slots, one with fewer leaves part of its slot empty.

import type { NeighbourTable } from './types.ts'

/**
 * Work per slot in units of the work per image: a slot gathers a key and a value and enters two products with the
 * model's width, whatever the number of its images.
 */
const SLOT_COST = 4

/** The images of one table as runs of the same neighbour: atom i owns runs offsets[i] … offsets[i+1]−1. */
export interface Runs {
  /** [atoms + 1] */
  readonly offsets: Int32Array
  /** [runs + 1] first image of each run */
  readonly start: Int32Array
}

export function runsOf(table: NeighbourTable): Runs {
  const { atoms, neighbour } = table
  const offsets = new Int32Array(atoms + 1)
  const start: number[] = []
  for (let i = 0; i < atoms; i++) {
    for (let at = table.offsets[i]; at < table.offsets[i + 1]; at++) {
      if (at === table.offsets[i] || neighbour[at] !== neighbour[at - 1]) start.push(at)
    }
    offsets[i + 1] = start.length
  }
  start.push(neighbour.length)
  return { offsets, start: Int32Array.from(start) }
}

/** The shape (S, M) of least work for these atoms together: S·(M + SLOT_COST), S being what the fullest atom needs. */
export function slotShape(tables: readonly Runs[]): { slots: number; imagesPerSlot: number } {
  let longest = 1
  for (const { start } of tables) {
    for (let r = 0; r + 1 < start.length; r++) longest = Math.max(longest, start[r + 1] - start[r])
  }
  let best = { slots: 0, imagesPerSlot: 0, cost: Number.POSITIVE_INFINITY }
  for (const imagesPerSlot of candidates(longest)) {
    const slots = Math.max(1, ...tables.map((runs) => slotsNeeded(runs, imagesPerSlot)))
    const cost = slots * (imagesPerSlot + SLOT_COST)
    if (cost < best.cost) best = { slots, imagesPerSlot, cost }
  }
  return { slots: best.slots, imagesPerSlot: best.imagesPerSlot }
}

/** Slots that the fullest atom needs when a slot holds `imagesPerSlot` images. */
function slotsNeeded({ offsets, start }: Runs, imagesPerSlot: number): number {
  let most = 0
  for (let i = 0; i + 1 < offsets.length; i++) {
    let slots = 0
    for (let r = offsets[i]; r < offsets[i + 1]; r++)
      slots += Math.ceil((start[r + 1] - start[r]) / imagesPerSlot)
    most = Math.max(most, slots)
  }
  return most
}

/** 1, 2, 3, … and, once steps of one no longer matter, steps of a tenth, up to the longest run. */
function candidates(longest: number): number[] {
  const sizes: number[] = []
  for (let m = 1; m < longest; m = Math.max(m + 1, Math.floor(m * 1.1))) sizes.push(m)
  sizes.push(longest)
  return sizes
}
