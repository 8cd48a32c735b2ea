// Least squares in float64, by Householder reflections: the normal equations would lose half of the digits.

/** Penalty of the coefficients' squares against the mean squared error: keeps them small where columns are alike. */
const PENALTY = 1e-9

/**
 * The coefficients x with the smallest |Σ_c x_c·columns[c] − y|² + small·|x|², for every y of `targets`.
 * @param columns,targets values at the same points
 * @returns one row of coefficients a target
 */
export function leastSquares(
  columns: readonly Float64Array[],
  targets: readonly Float64Array[],
): Float64Array[] {
  const unknowns = columns.length
  const points = columns[0].length
  const penalty = PENALTY * Math.sqrt(points)
  const [upper, right] = [columns, targets].map((vectors) =>
    vectors.map((values) => {
      const extended = new Float64Array(points + unknowns)
      extended.set(values)
      return extended
    }),
  )
  for (let c = 0; c < unknowns; c++) {
    upper[c][points + c] = penalty
  }
  for (let c = 0; c < unknowns; c++) {
    const normal = upper[c].slice(c)
    const length = Math.sqrt(dot(normal, normal, 0))
    normal[0] += normal[0] > 0 ? length : -length
    const squared = dot(normal, normal, 0)
    for (const vector of [...upper.slice(c), ...right]) {
      const factor = (2 * dot(normal, vector, c)) / squared
      for (let r = 0; r < normal.length; r++) vector[c + r] -= factor * normal[r]
    }
  }
  return right.map((y) => {
    const x = new Float64Array(unknowns)
    for (let r = unknowns - 1; r >= 0; r--) {
      let rest = y[r]
      for (let c = r + 1; c < unknowns; c++) rest -= upper[c][r] * x[c]
      x[r] = rest / upper[r][r]
    }
    return x
  })
}

/** a·b, where a lies beside b from `from` on. */
function dot(a: Float64Array, b: Float64Array, from: number): number {
  let sum = 0
  for (let n = 0; n < a.length; n++) sum += a[n] * b[from + n]
  return sum
}
