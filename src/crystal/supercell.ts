// Supercells: the same crystal in a larger cell.

import { StructureError } from '../errors.ts'
import { adjugate, determinant, inverse, type Mat3, plus, times, type Vec3 } from '../math/vectors.ts'
import { type Structure, structure as validated } from './structure.ts'

/**
 * The crystal in the cell L' = matrix · L, with |det matrix| copies of every site; copies of one site are adjacent.
 *
 * @param matrix integer rows: the new lattice vectors in units of the old
 * @throws StructureError when the matrix is singular or not of integers
 */
export function supercell(structure: Structure, matrix: Mat3): Structure {
  const det = determinant(matrix)
  if (!matrix.flat().every(Number.isInteger) || det === 0) {
    throw new StructureError(
      `supercell matrix ${JSON.stringify(matrix)} must hold integers and have a determinant other than 0`,
    )
  }
  const back = inverse(matrix)
  const origins = latticePoints(matrix, det)
  const lattice = matrix.map((row) => times(row, structure.lattice))
  return validated({
    lattice,
    frac: structure.frac.flatMap((f) => origins.map((o) => times(plus(f, o), back))),
    species: structure.species.flatMap((site) => origins.map(() => site)),
    name: structure.name,
  })
}

/** The |det| integer vectors that lie in the new cell: those whose coordinates n · matrix⁻¹ are in [0, 1). */
function latticePoints(matrix: Mat3, det: number): Vec3[] {
  const adjugated = adjugate(matrix)
  const sign = Math.sign(det)
  const [lows, highs] = [Math.min, Math.max].map((extreme) =>
    [0, 1, 2].map((m) => matrix.reduce((sum, row) => sum + extreme(0, row[m]), 0)),
  )
  const points: Vec3[] = []
  for (let n1 = lows[0]; n1 <= highs[0]; n1++) {
    for (let n2 = lows[1]; n2 <= highs[1]; n2++) {
      for (let n3 = lows[2]; n3 <= highs[2]; n3++) {
        const scaled = times([n1, n2, n3], adjugated)
        if (scaled.every((x) => x * sign >= 0 && x * sign < Math.abs(det))) points.push([n1, n2, n3])
      }
    }
  }
  return points
}
