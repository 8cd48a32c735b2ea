// Densities of axes and what is seen along them, in float64 (docs/mathematics.md §6.3): the sum over all pairs of axis and
// image by moments, since (û·r̂)^k is a sum of products of monomials of either. Part of models/reference/forward.ts; no
// spherical harmonics, and nothing of models/crystalframer.

import type { Vec3 } from '../../src/math/vectors.ts'
import { OWN, type WeighedImages } from './frames.ts'
import { NEGLIGIBLE } from './sums.ts'
import { dot } from './vectors.ts'

/** Σ_a λ_a x^p·y^q·z^r of the directions of some images, for p + q + r = 0 … L in the order of `monomials`. */
export type AxisDensity = Float64Array

/** Powers γ of the attention weight that λ is proportional to, one a density. */
const POWERS = [4, 1]

/** The first densities of an atom and head. */
export function axisDensities(
  { vectors, scores, a }: WeighedImages,
  { density_axes: count, density_degree: degree }: { density_axes: number; density_degree: number },
): AxisDensity[] {
  const logWeights = vectors.map((r, n) =>
    dot(r, r) > OWN ? a * dot(r, r) + scores[n] : Number.NEGATIVE_INFINITY,
  )
  const largest = Math.max(...logWeights)
  return POWERS.slice(0, count).map((power) => {
    const moments = momentsOf(
      vectors,
      logWeights.map((w) => Math.exp(power * (w - largest))),
      degree,
    )
    const [total] = moments
    return moments.map((moment) => moment / total)
  })
}

/**
 * Σ_n p_n·Σ_a λ_a·P_l(û_a·r_n/|r_n|) of the images of one atom j, added to `profile`, l = 0 … L, times `factor`.
 * @param shares p_n
 */
export function addLegendre(
  profile: Float64Array,
  factor: number,
  density: AxisDensity,
  vectors: readonly Vec3[],
  shares: ArrayLike<number>,
): void {
  const degree = profile.length - 1
  const moments = momentsOf(vectors, shares, degree)
  /** of (û·r̂)^k */
  const powers = new Float64Array(degree + 1)
  monomials(degree).forEach(([p, q, r], n) => {
    const multinomial = factorial(p + q + r) / (factorial(p) * factorial(q) * factorial(r))
    powers[p + q + r] += multinomial * density[n] * moments[n]
  })
  for (let l = 0; l <= degree; l++) {
    for (let k = 0; 2 * k <= l; k++) {
      const sign = k % 2 === 0 ? 1 : -1
      const coefficient = factorial(2 * l - 2 * k) / (factorial(k) * factorial(l - k) * factorial(l - 2 * k))
      profile[l] += factor * sign * 2 ** -l * coefficient * powers[l - 2 * k]
    }
  }
}

function momentsOf(vectors: readonly Vec3[], weights: ArrayLike<number>, degree: number): Float64Array {
  const exponents = monomials(degree)
  const moments = new Float64Array(exponents.length)
  const powers = [0, 1, 2].map(() => new Float64Array(degree + 1).fill(1))
  vectors.forEach((vector, n) => {
    const length = Math.sqrt(dot(vector, vector))
    if (length * length <= OWN || weights[n] < NEGLIGIBLE) return
    powers.forEach((power, c) => {
      for (let k = 1; k <= degree; k++) power[k] = (power[k - 1] * vector[c]) / length
    })
    exponents.forEach(([p, q, r], m) => {
      moments[m] += weights[n] * powers[0][p] * powers[1][q] * powers[2][r]
    })
  })
  return moments
}

/** p, q, r of the monomials of degree 0 to L, the constant first. */
function monomials(degree: number): (readonly [number, number, number])[] {
  const all: [number, number, number][] = []
  for (let p = 0; p <= degree; p++) {
    for (let q = 0; p + q <= degree; q++) {
      for (let r = 0; p + q + r <= degree; r++) all.push([p, q, r])
    }
  }
  return all
}

function factorial(n: number): number {
  let product = 1
  for (let k = 2; k <= n; k++) product *= k
  return product
}
