// Images within a sphere around every atom of a small cell, found without a rejected candidate: in the triangular axes
// of the lattice the translations of a pair of atoms are intervals. Every pair is looked at, which is why large cells go
// to sphere-by-bins.ts.

import type { Structure } from '../crystal/structure.ts'
import { alongAxes, cartesianPositions, triangularLattice } from './lattice.ts'
import type { NeighbourTable } from './types.ts'

/**
 * Shells whose distance equals the radius are taken whole: rounding of less than this (Å) never decides about an
 * image, so that symmetry-equivalent images are all inside or all outside.
 */
export const SHELL_TOLERANCE = 1e-8

/**
 * Table of every image with |p_j + n·L − p_i| ≤ radius Å, the atom itself (r = 0) included.
 *
 * @param expected images to make room for; more are taken if there are more
 */
export function sphereTable(structure: Structure, radius: number, expected: number): NeighbourTable {
  const atoms = structure.frac.length
  const R = radius + SHELL_TOLERANCE
  const [l1, l2, l3] = structure.lattice
  const [x1, y1, z1] = l1
  const [x2, y2, z2] = l2
  const [x3, y3, z3] = l3
  const { axes, u1, v1, w1, v2, w2, w3 } = triangularLattice(structure.lattice)
  const [per1, per2, per3] = [1 / u1, 1 / v2, 1 / w3]
  const positions = cartesianPositions(structure)
  const turned = alongAxes(positions, axes)

  /** Images of one pair at most: the longest intervals of n1, n2 and n3 together. */
  const most = [per1, per2, per3].reduce((product, per) => product * (Math.floor(2 * R * per) + 1), 1)
  let capacity = Math.ceil(expected * 1.05) + most
  let neighbour = new Int32Array(capacity)
  let displacement = new Float64Array(3 * capacity)
  const offsets = new Int32Array(atoms + 1)
  /** First image of each pair (i, j). */
  const first = new Int32Array(atoms * atoms + 1)
  let count = 0

  for (let i = 0; i < atoms; i++) {
    for (let j = 0; j < atoms; j++) {
      const pair = i * atoms + j
      if (count + most > capacity) {
        capacity = 2 * capacity + most
        neighbour = grown(neighbour, new Int32Array(capacity))
        displacement = grown(displacement, new Float64Array(3 * capacity))
      }
      if (j < i || (j === i && i > 0)) {
        // What i sees of j is what j sees of i, turned round; every atom sees the same of itself.
        const known = j < i ? j * atoms + i : 0
        turnRound(displacement, first[known], first[known + 1], count)
        count += first[known + 1] - first[known]
      } else {
        const dx = positions[3 * j] - positions[3 * i]
        const dy = positions[3 * j + 1] - positions[3 * i + 1]
        const dz = positions[3 * j + 2] - positions[3 * i + 2]
        const du = turned[3 * j] - turned[3 * i]
        const dv = turned[3 * j + 1] - turned[3 * i + 1]
        const dw = turned[3 * j + 2] - turned[3 * i + 2]
        const end1 = Math.floor((R - du) * per1)
        for (let n1 = Math.ceil((-R - du) * per1); n1 <= end1; n1++) {
          const u = du + n1 * u1
          const disc2 = R * R - u * u
          const disc = Math.sqrt(disc2)
          const v0 = dv + n1 * v1
          const w0 = dw + n1 * w1
          const end2 = Math.floor((disc - v0) * per2)
          for (let n2 = Math.ceil((-disc - v0) * per2); n2 <= end2; n2++) {
            const v = v0 + n2 * v2
            const w = w0 + n2 * w2
            const chord = Math.sqrt(disc2 - v * v)
            const end3 = Math.floor((chord - w) * per3)
            const tx = n1 * x1 + n2 * x2
            const ty = n1 * y1 + n2 * y2
            const tz = n1 * z1 + n2 * z2
            for (let n3 = Math.ceil((-chord - w) * per3); n3 <= end3; n3++) {
              displacement[3 * count] = dx + (tx + n3 * x3)
              displacement[3 * count + 1] = dy + (ty + n3 * y3)
              displacement[3 * count + 2] = dz + (tz + n3 * z3)
              count++
            }
          }
        }
      }
      first[pair + 1] = count
      for (let image = first[pair]; image < count; image++) neighbour[image] = j
    }
    offsets[i + 1] = count
  }
  return {
    atoms,
    offsets,
    neighbour: neighbour.subarray(0, count),
    displacement: displacement.subarray(0, 3 * count),
  }
}

/** Writes the images from `first` to `end` in reverse order, each as its opposite, to image `to` and on. */
function turnRound(displacement: Float64Array, first: number, end: number, to: number): void {
  let at = 3 * to
  for (let from = 3 * (end - 1); from >= 3 * first; from -= 3) {
    // 0 − x instead of −x: never a negative zero.
    displacement[at++] = 0 - displacement[from]
    displacement[at++] = 0 - displacement[from + 1]
    displacement[at++] = 0 - displacement[from + 2]
  }
}

/** The larger array `to`, beginning with what `from` holds. */
export function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}
