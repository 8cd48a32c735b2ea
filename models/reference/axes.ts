// Eigenvectors of symmetric 3×3 matrices in float64, by the QR algorithm with Wilkinson's shifts (Golub and Van Loan,
// Matrix Computations, 8.3). Part of models/reference/frames.ts; the tables of the network use Jacobi's rotations
// (src/math/eigenvectors.ts) and share nothing with it.

import type { Mat3, Vec3 } from '../../src/math/vectors.ts'

/** Far more steps than any matrix takes: convergence is cubic. */
const MAX_STEPS = 60

/** Eigenvalues in ascending order and unit eigenvectors as rows. Signs, and axes of equal eigenvalues, are arbitrary. */
export function eigenvectors(matrix: Mat3): { readonly values: Vec3; readonly axes: Mat3 } {
  const a = matrix.map((row) => [...row])
  // Rows of v turn the given matrix into a: v·m·vᵀ = a.
  const v = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]
  const size = Math.max(...a.flat().map(Math.abs))
  for (let last = 2; last > 0; last--) {
    const rest = () => Math.max(...a[last].slice(0, last).map(Math.abs))
    for (let step = 0; step < MAX_STEPS && rest() > Number.EPSILON * size; step++) {
      qrStep(a, v, last + 1, wilkinsonShift(a, last))
    }
  }
  const order = [0, 1, 2].sort((m, n) => a[m][m] - a[n][n])
  const [x, y, z] = order
  return { values: [a[x][x], a[y][y], a[z][z]], axes: [v[x], v[y], v[z]] as unknown as Mat3 }
}

/** The eigenvalue of the block [last − 1, last] that lies nearer to its last diagonal element. */
function wilkinsonShift(a: readonly number[][], last: number): number {
  const [corner, beside] = [a[last][last], a[last][last - 1]]
  const half = (a[last - 1][last - 1] - corner) / 2
  if (half === 0 && beside === 0) return corner
  return corner - (half < 0 ? -1 : 1) * (beside ** 2 / (Math.abs(half) + Math.hypot(half, beside)))
}

/** a − μ = Q·R; a becomes R·Q + μ, in the leading block of `size` rows. Q gathers in v. */
function qrStep(a: number[][], v: number[][], size: number, shift: number): void {
  for (let n = 0; n < size; n++) a[n][n] -= shift
  const turns: { p: number; q: number; cosine: number; sine: number }[] = []
  for (let p = 0; p < size; p++) {
    for (let q = p + 1; q < size; q++) {
      const length = Math.hypot(a[p][p], a[q][p])
      if (length === 0) continue
      const [cosine, sine] = [a[p][p] / length, a[q][p] / length]
      turnRows(a, p, q, cosine, sine)
      turnRows(v, p, q, cosine, sine)
      turns.push({ p, q, cosine, sine })
    }
  }
  for (const { p, q, cosine, sine } of turns) {
    for (const row of a) [row[p], row[q]] = [cosine * row[p] + sine * row[q], cosine * row[q] - sine * row[p]]
  }
  for (let n = 0; n < size; n++) a[n][n] += shift
}

/** Givens' rotation of rows p and q. */
function turnRows(rows: number[][], p: number, q: number, cosine: number, sine: number): void {
  for (let c = 0; c < 3; c++) {
    const [x, y] = [rows[p][c], rows[q][c]]
    rows[p][c] = cosine * x + sine * y
    rows[q][c] = cosine * y - sine * x
  }
}
