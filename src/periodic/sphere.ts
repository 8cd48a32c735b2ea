// Images within a sphere around every atom, found without a rejected candidate: in the triangular axes of the lattice
// the translations inside a sphere are an interval of n1, for each n1 one of n2, for each (n1, n2) one of n3.

import type { Structure } from '../crystal/structure.ts'
import { cartesianPositions, dot, triangularAxes } from './lattice.ts'
import type { NeighbourTable } from './types.ts'

/**
 * Shells whose distance equals the radius are taken whole: rounding of less than this (Å) never decides about an
 * image, so that symmetry-equivalent images are all inside or all outside.
 */
export const SHELL_TOLERANCE = 1e-8

/** Table of every image with |p_j + n·L − p_i| ≤ radius Å, the atom itself (r = 0) included. */
export function sphereTable(structure: Structure, radius: number, expected: number): NeighbourTable {
  const atoms = structure.frac.length
  const positions = cartesianPositions(structure)
  const axes = triangularAxes(structure.lattice)
  const [l1, l2, l3] = structure.lattice
  const [a1, a2, a3] = axes.map((e) => dot(l1, e))
  const [, b2, b3] = axes.map((e) => dot(l2, e))
  const c3 = dot(l3, axes[2])
  const R = radius + SHELL_TOLERANCE
  const R2 = R * R

  const offsets = new Int32Array(atoms + 1)
  let capacity = Math.ceil(expected * 1.1) + 64 * atoms
  let neighbour = new Int32Array(capacity)
  let displacement = new Float64Array(3 * capacity)
  let count = 0

  for (let i = 0; i < atoms; i++) {
    for (let j = 0; j < atoms; j++) {
      const dx = positions[3 * j] - positions[3 * i]
      const dy = positions[3 * j + 1] - positions[3 * i + 1]
      const dz = positions[3 * j + 2] - positions[3 * i + 2]
      const u = dot([dx, dy, dz], axes[0])
      const v = dot([dx, dy, dz], axes[1])
      const w = dot([dx, dy, dz], axes[2])
      const end1 = Math.floor((R - u) / a1)
      for (let n1 = Math.ceil((-R - u) / a1); n1 <= end1; n1++) {
        const x = u + n1 * a1
        const y0 = v + n1 * a2
        const disc2 = R2 - x * x
        const disc = Math.sqrt(Math.max(0, disc2))
        const end2 = Math.floor((disc - y0) / b2)
        for (let n2 = Math.ceil((-disc - y0) / b2); n2 <= end2; n2++) {
          const y = y0 + n2 * b2
          const z0 = w + n1 * a3 + n2 * b3
          const chord = Math.sqrt(Math.max(0, disc2 - y * y))
          const begin3 = Math.ceil((-chord - z0) / c3)
          const end3 = Math.floor((chord - z0) / c3)
          if (count + end3 - begin3 + 1 > capacity) {
            capacity = 2 * capacity + end3 - begin3
            neighbour = grown(neighbour, new Int32Array(capacity))
            displacement = grown(displacement, new Float64Array(3 * capacity))
          }
          const tx = n1 * l1[0] + n2 * l2[0]
          const ty = n1 * l1[1] + n2 * l2[1]
          const tz = n1 * l1[2] + n2 * l2[2]
          for (let n3 = begin3; n3 <= end3; n3++) {
            neighbour[count] = j
            displacement[3 * count] = dx + (tx + n3 * l3[0])
            displacement[3 * count + 1] = dy + (ty + n3 * l3[1])
            displacement[3 * count + 2] = dz + (tz + n3 * l3[2])
            count++
          }
        }
      }
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

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}
