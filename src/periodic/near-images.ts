// The images that can be the axis of a frame: the one of largest attention weight, and then the one of largest weight
// times 1 − |cosine| with the first axis e1 (docs/mathematics.md §6.2). What the network thinks of an atom is the same for
// all its images, so that among them distance decides: one that two nearer ones in different directions outweigh for any
// e1 is never chosen.

import { OWN, squaredDistances } from './measures.ts'
import type { Runs } from './runs.ts'
import type { NeighbourTable } from './types.ts'

/** Some images of every atom; those of atom i are image[offsets[i]] … image[offsets[i + 1] − 1], in ascending order. */
export interface NearImages {
  /** [atoms + 1] */
  readonly offsets: Int32Array
  /** rows of the neighbour table */
  readonly image: Int32Array
}

/** Added to a difference of log weights: images within 10⁻³ of the best are tied and all looked at. */
const MARGIN = 1e-2
/** cos²γ of two lines in different directions at most: 30°, far more than the degree around e1 that e2 is not taken from. */
const ANOTHER = 0.75

/**
 * Every image that can be the best or tied with it, for any scores and any e1. Of two images whose lines are at an angle
 * γ, one is at γ/2 or more from e1, where its log weight loses −log(1 − cos γ/2) at most; a farther one of the same atom
 * loses `decay`·Δ|r|² or more against both.
 *
 * @param decay least loss of the log weight with |r|² in any head and block, Å⁻²
 */
export function nearImages({ atoms, displacement }: NeighbourTable, runs: Runs, decay: number): NearImages {
  const offsets = new Int32Array(atoms + 1)
  const image = new Int32Array(displacement.length / 3)
  const squared = squaredDistances(displacement)
  let count = 0
  for (let i = 0; i < atoms; i++) {
    for (let run = runs.offsets[i]; run < runs.offsets[i + 1]; run++) {
      const first = runs.start[run]
      const end = runs.start[run + 1]
      const limit = farthest(displacement, squared, first, end, decay)
      for (let n = first; n < end; n++) if (squared[n] > OWN && squared[n] <= limit) image[count++] = n
    }
    offsets[i + 1] = count
  }
  return { offsets, image: image.slice(0, count) }
}

/** |r|² beyond which no image of a run can be chosen, Å². */
function farthest(r: Float64Array, squared: Float64Array, first: number, end: number, decay: number): number {
  let nearest = first
  for (let n = first; n < end; n++) {
    if (squared[nearest] <= OWN || (squared[n] > OWN && squared[n] < squared[nearest])) nearest = n
  }
  const x = r[3 * nearest]
  const y = r[3 * nearest + 1]
  const z = r[3 * nearest + 2]
  /** the nearest in another direction, and |r|²·cos²γ of it */
  let least = Number.POSITIVE_INFINITY
  let along2 = 0
  for (let n = first; n < end; n++) {
    if (squared[n] >= least || squared[n] <= OWN) continue
    const product = x * r[3 * n] + y * r[3 * n + 1] + z * r[3 * n + 2]
    const projected = (product * product) / squared[nearest]
    if (projected > ANOTHER * squared[n]) continue
    least = squared[n]
    along2 = projected
  }
  const half = Math.sqrt((1 + Math.sqrt(along2 / least)) / 2)
  return least + (MARGIN - Math.log(1 - half)) / decay
}
