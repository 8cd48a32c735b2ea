// Supercells: the same crystal in a larger cell.

import { StructureError } from '../errors.ts'
import type { Mat3, Structure, Vec3 } from './structure.ts'
import { structure as validated } from './structure.ts'

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
  const inverse = adjugate(matrix).map((row) => row.map((x) => x / det)) as unknown as Mat3
  const origins = latticePoints(matrix, det)
  const lattice = matrix.map((row) => times(row, structure.lattice))
  return validated({
    lattice,
    frac: structure.frac.flatMap((f) =>
      origins.map((o) => times([f[0] + o[0], f[1] + o[1], f[2] + o[2]], inverse)),
    ),
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

function times(v: Vec3, m: Mat3): Vec3 {
  const column = (x: number) => v[0] * m[0][x] + v[1] * m[1][x] + v[2] * m[2][x]
  return [column(0), column(1), column(2)]
}

function determinant([a, b, c]: Mat3): number {
  return (
    a[0] * (b[1] * c[2] - b[2] * c[1]) +
    a[1] * (b[2] * c[0] - b[0] * c[2]) +
    a[2] * (b[0] * c[1] - b[1] * c[0])
  )
}

/** adj(M) with M · adj(M) = det(M) · 1; exact for integers. */
function adjugate([a, b, c]: Mat3): Mat3 {
  return [
    [b[1] * c[2] - b[2] * c[1], a[2] * c[1] - a[1] * c[2], a[1] * b[2] - a[2] * b[1]],
    [b[2] * c[0] - b[0] * c[2], a[0] * c[2] - a[2] * c[0], a[2] * b[0] - a[0] * b[2]],
    [b[0] * c[1] - b[1] * c[0], a[1] * c[0] - a[0] * c[1], a[0] * b[1] - a[1] * b[0]],
  ]
}
