// Eigenvectors of symmetric matrices of any size in float64, by Jacobi's rotations: for covariances, once a training.

/** Cyclic sweeps at most; the error is squared in each of the last. */
const SWEEPS = 30
/** Off-diagonal weight, as a share of the whole, at which a matrix counts as diagonal. */
const DIAGONAL = 1e-22

/**
 * @param matrix [n · n], row major; not changed
 * @returns eigenvalues in descending order, and unit eigenvectors as rows [n · n] in the same order; signs are arbitrary
 */
export function symmetricEigenvectors(
  matrix: Float64Array,
  n: number,
): { readonly values: Float64Array; readonly axes: Float64Array } {
  const a = matrix.slice()
  const v = new Float64Array(n * n)
  for (let i = 0; i < n; i++) v[i * n + i] = 1
  const whole = a.reduce((sum, x) => sum + x * x, 0)
  for (let sweep = 0; sweep < SWEEPS && offDiagonal(a, n) > DIAGONAL * whole; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q)
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i])
  const axes = new Float64Array(n * n)
  for (const [row, i] of order.entries()) axes.set(v.subarray(i * n, (i + 1) * n), row * n)
  return { values: Float64Array.from(order, (i) => a[i * n + i]), axes }
}

function offDiagonal(a: Float64Array, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) sum += 2 * a[i * n + j] ** 2
  return sum
}

/** Turns rows and columns p and q of `a` so that a[p, q] vanishes, and the axes with them. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]
  if (apq === 0) return
  const half = (a[q * n + q] - a[p * n + p]) / 2
  const tangent = (half < 0 ? -1 : 1) * (apq / (Math.abs(half) + Math.hypot(half, apq)))
  const cosine = 1 / Math.hypot(tangent, 1)
  const sine = tangent * cosine
  turn(a, p * n, q * n, 1, n, cosine, sine)
  turn(a, p, q, n, n, cosine, sine)
  turn(v, p * n, q * n, 1, n, cosine, sine)
}

/** Two vectors of n numbers, `step` apart, turned into each other. */
function turn(
  x: Float64Array,
  p: number,
  q: number,
  step: number,
  n: number,
  cosine: number,
  sine: number,
): void {
  for (let i = 0; i < n * step; i += step) {
    const [xp, xq] = [x[p + i], x[q + i]]
    x[p + i] = cosine * xp - sine * xq
    x[q + i] = sine * xp + cosine * xq
  }
}
