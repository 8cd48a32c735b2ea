// A number for the surroundings of every atom that no isometry changes: what atoms of one orbit have in common.

import { squaredDistances } from './measures.ts'
import type { NeighbourTable } from './types.ts'

/** Σ (1 − r²/R²)² over the images of every atom, R the distance of the farthest: the same in an orbit. */
export function surroundings({ atoms, offsets, displacement }: NeighbourTable): Float64Array {
  const squared = squaredDistances(displacement)
  const farthest = squared.reduce((most, x) => Math.max(most, x), 0)
  const inverse = 1 / farthest
  const sums = new Float64Array(atoms)
  for (let i = 0; i < atoms; i++) {
    let sum = 0
    for (let n = offsets[i]; n < offsets[i + 1]; n++) {
      const x = 1 - squared[n] * inverse
      sum += x * x
    }
    sums[i] = sum
  }
  return sums
}
