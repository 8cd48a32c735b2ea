// The numbers behind the spherical harmonics of harmonics.ts, in float64: their polynomials of z, by Chebyshev polynomials,
// whose coefficients stay small where powers would cancel.

/** l of the polynomials, for m = 0 … L those of l = m … L. */
export function degreesOf(degree: number): { readonly l: number; readonly m: number }[] {
  return Array.from({ length: degree + 1 }, (_, m) =>
    Array.from({ length: degree + 1 - m }, (_, n) => ({ l: m + n, m })),
  ).flat()
}

/** l of each row of the harmonics. */
export function rowDegrees(degree: number): number[] {
  return Array.from({ length: degree + 1 }, (_, m) => {
    const own = Array.from({ length: degree + 1 - m }, (_, n) => m + n)
    return m === 0 ? own : [...own, ...own]
  }).flat()
}

/** Y_lm/Re (x + iy)^m as a sum of Chebyshev polynomials T_0(z) … T_L(z), a row for each of `degreesOf`. */
export function polynomials(degree: number): number[][] {
  const count = degree + 1
  const angles = Array.from({ length: count }, (_, n) => (Math.PI * (n + 0.5)) / count)
  return degreesOf(degree).map(({ l, m }) => {
    const values = angles.map((angle) => legendre(l, m, Math.cos(angle)))
    return Array.from({ length: count }, (_, k) => {
      const sum = values.reduce((total, value, n) => total + value * Math.cos(k * angles[n]), 0)
      return ((k === 0 ? 1 : 2) / count) * sum
    })
  })
}

/** √((2 − δ_m0)·(l − m)!/(l + m)!) times the m-th derivative of P_l at z. */
function legendre(l: number, m: number, z: number): number {
  let [before, value] = [0, m === 0 ? 1 : Math.SQRT2]
  // The factor of l = m: (2m − 1)!!/√(2m)!
  for (let n = 1; n <= m; n++) value *= Math.sqrt((2 * n - 1) / (2 * n))
  for (let n = m + 1; n <= l; n++) {
    const next =
      ((2 * n - 1) * z * value - Math.sqrt((n - 1) ** 2 - m * m) * before) / Math.sqrt(n * n - m * m)
    ;[before, value] = [value, next]
  }
  return value
}
