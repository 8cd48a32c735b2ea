// Images within a sphere around every atom of a small cell, found without a rejected candidate: in the triangular axes
// of the lattice the translations inside a sphere are an interval of n1, for each n1 one of n2, for each (n1, n2) one of
// n3. Every pair of atoms is looked at, which is why large cells go to cells.ts.

import type { Structure } from '../crystal/structure.ts'
import { alongAxes, cartesianPositions, dot, triangularAxes } from './lattice.ts'
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
  const positions = cartesianPositions(structure)
  const axes = triangularAxes(structure.lattice)
  const turned = alongAxes(positions, axes)
  const [l1, l2, l3] = structure.lattice
  const [x1, y1, z1] = l1
  const [x2, y2, z2] = l2
  const [x3, y3, z3] = l3
  // The lattice in its triangular axes: l1 = (u1, v1, w1), l2 = (0, v2, w2), l3 = (0, 0, w3).
  const [u1, v1, w1] = axes.map((e) => dot(l1, e))
  const [, v2, w2] = axes.map((e) => dot(l2, e))
  const w3 = dot(l3, axes[2])
  const per1 = 1 / u1
  const per2 = 1 / v2
  const per3 = 1 / w3
  const R = radius + SHELL_TOLERANCE
  const R2 = R * R

  // Images of one pair at most: those of the box around the sphere, in the triangular axes.
  const most = [per1, per2, per3].reduce((product, per) => product * (Math.floor(2 * R * per) + 1), 1)

  const offsets = new Int32Array(atoms + 1)
  const blocks = new Int32Array(atoms * atoms)
  let capacity = Math.ceil(expected * 1.05) + most
  let neighbour = new Int32Array(capacity)
  let displacement = new Float64Array(3 * capacity)
  let count = 0

  for (let i = 0; i < atoms; i++) {
    for (let j = 0; j < atoms; j++) {
      blocks[i * atoms + j] = count
      if (count + most > capacity) {
        capacity = 2 * capacity + most
        neighbour = grown(neighbour, new Int32Array(capacity))
        displacement = grown(displacement, new Float64Array(3 * capacity))
      }
      if (j < i || (j === i && i > 0)) {
        // The images of i around j are those of j around i, turned round; of an atom around itself, the same for all.
        const from = j < i ? blocks[j * atoms + i] : 0
        const end = j < i ? blocks[j * atoms + i + 1] : blocks[1]
        const length = end - from
        for (let f = 3 * (end - 1), to = 3 * count; f >= 3 * from; f -= 3, to += 3) {
          displacement[to] = 0 - displacement[f]
          displacement[to + 1] = 0 - displacement[f + 1]
          displacement[to + 2] = 0 - displacement[f + 2]
        }
        for (const last = count + length; count < last; count++) neighbour[count] = j
        continue
      }
      const dx = positions[3 * j] - positions[3 * i]
      const dy = positions[3 * j + 1] - positions[3 * i + 1]
      const dz = positions[3 * j + 2] - positions[3 * i + 2]
      const u = turned[3 * j] - turned[3 * i]
      const v = turned[3 * j + 1] - turned[3 * i + 1]
      const w = turned[3 * j + 2] - turned[3 * i + 2]
      const end1 = Math.floor((R - u) * per1)
      for (let n1 = Math.ceil((-R - u) * per1); n1 <= end1; n1++) {
        const a = u + n1 * u1
        const disc2 = R2 - a * a
        const disc = Math.sqrt(Math.max(0, disc2))
        const b0 = v + n1 * v1
        const c0 = w + n1 * w1
        const end2 = Math.floor((disc - b0) * per2)
        for (let n2 = Math.ceil((-disc - b0) * per2); n2 <= end2; n2++) {
          const b = b0 + n2 * v2
          const c = c0 + n2 * w2
          const chord = Math.sqrt(Math.max(0, disc2 - b * b))
          const end3 = Math.floor((chord - c) * per3)
          let n3 = Math.ceil((-chord - c) * per3)
          const tx = n1 * x1 + n2 * x2
          const ty = n1 * y1 + n2 * y2
          const tz = n1 * z1 + n2 * z2
          for (; n3 <= end3; n3++) {
            const at = 3 * count
            displacement[at] = dx + (tx + n3 * x3)
            displacement[at + 1] = dy + (ty + n3 * y3)
            displacement[at + 2] = dz + (tz + n3 * z3)
            neighbour[count++] = j
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
