// Eigenvectors of symmetric 3×3 matrices in float64, by Jacobi's rotations. Not here: what the matrices are of.

import type { Mat3, Vec3 } from './vectors.ts'

/** Cyclic sweeps; the error is squared in each, and six are enough for any matrix in float64. */
const SWEEPS = 8

/** Eigenvalues in ascending order and unit eigenvectors as rows. Signs, and axes of equal eigenvalues, are arbitrary. */
export function principalAxes(matrix: Mat3): { readonly values: Vec3; readonly axes: Mat3 } {
  const a = matrix.map((row) => [...row])
  const v = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      if (a[p][q] === 0) continue
      const half = (a[q][q] - a[p][p]) / 2
      const tangent = (half < 0 ? -1 : 1) * (a[p][q] / (Math.abs(half) + Math.hypot(half, a[p][q])))
      const cosine = 1 / Math.hypot(tangent, 1)
      rotate(a, p, q, cosine, tangent * cosine)
      rotate(v, p, q, cosine, tangent * cosine)
      for (const row of a) [row[p], row[q]] = turned(row[p], row[q], cosine, tangent * cosine)
    }
  }
  const order = [0, 1, 2].sort((m, n) => a[m][m] - a[n][n])
  return {
    values: order.map((n) => a[n][n]) as unknown as Vec3,
    axes: order.map((n) => v[n]) as unknown as Mat3,
  }
}

/** Rows p and q turned into each other. */
function rotate(rows: number[][], p: number, q: number, cosine: number, sine: number): void {
  for (let c = 0; c < 3; c++) [rows[p][c], rows[q][c]] = turned(rows[p][c], rows[q][c], cosine, sine)
}

function turned(x: number, y: number, cosine: number, sine: number): [number, number] {
  return [cosine * x - sine * y, sine * x + cosine * y]
}
