// A check that every structure that is read gets: lengths and coordinates of a size that says something. Structures made in
// a program may be of any size.

import { StructureError } from '../errors.ts'
import type { Structure } from './structure.ts'

/** Å. Ten times the longest crystal that was ever computed atom by atom; what is longer was written in another unit. */
const LONGEST = 5e4

/** Fractional coordinates beyond this say nothing of the place in the cell: of a float64 seven digits are left. */
const FARTHEST = 1e9

/** @throws StructureError for lattice vectors or coordinates that are too large */
export function checkScale({ lattice, frac }: Structure): void {
  for (const [m, row] of lattice.entries()) {
    const length = Math.hypot(...row)
    if (length <= LONGEST) continue
    throw new StructureError(
      `lattice row ${m + 1} is ${length.toPrecision(4)} Å long, expected at most ${LONGEST}; is its unit Å?`,
    )
  }
  for (const [i, [x, y, z]] of frac.entries()) {
    const farthest = Math.max(Math.abs(x), Math.abs(y), Math.abs(z))
    if (farthest <= FARTHEST) continue
    throw new StructureError(
      `coordinates of site ${i + 1}: ${farthest} cells from the origin leave no digits of the place in the cell, expected at most ${FARTHEST}`,
    )
  }
}
