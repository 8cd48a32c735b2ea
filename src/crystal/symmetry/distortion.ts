// Whether a cell has the symmetry that its space group asks for: what the rotations of the operations do to the lengths of
// lattice vectors.

import type { Mat3, Vec3 } from '../../math/vectors.ts'
import { squareOf } from '../cell.ts'
import { NUMBERS_EACH, numbersOf, type Operation } from './operation.ts'

/** Lattice vectors that an operation may not stretch. */
const VECTORS: readonly Vec3[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [1, 1, 0],
  [0, 1, 1],
  [1, 0, 1],
]

/** Largest relative change of the length of a lattice vector under the operations. */
export function distortion(operations: readonly Operation[], lattice: Mat3): number {
  const square = squareOf(lattice)
  const length = (x: number, y: number, z: number) => Math.sqrt(square(x, y, z))
  const n = numbersOf(operations)
  let most = 0
  for (const [x, y, z] of VECTORS) {
    const before = length(x, y, z)
    for (let o = 0; o < n.length; o += NUMBERS_EACH) {
      const after = length(
        n[o] * x + n[o + 1] * y + n[o + 2] * z,
        n[o + 3] * x + n[o + 4] * y + n[o + 5] * z,
        n[o + 6] * x + n[o + 7] * y + n[o + 8] * z,
      )
      most = Math.max(most, Math.abs(after - before) / before)
    }
  }
  return most
}
