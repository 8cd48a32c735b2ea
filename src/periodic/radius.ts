// The radius of the converged sum, from a bound on the attention weight that it neglects.

import { ConfigError } from '../errors.ts'

/**
 * Radius R in Å of the sphere beyond which a Gaussian of width σ has no more than the share `errorBound` of its weight.
 *
 * The share of ∫ exp(−r²/2σ²) d³r beyond R is erfc(x) + 2x/√π·exp(−x²) with x = R/(√2·σ): 1.54e-5 at R = 5σ.
 * It is what the attention of one head neglects when its σ is the largest allowed and the atoms lie at uniform density.
 * Two things it leaves out: a crystal is not uniform (an atom alone in a large void keeps less inside, an atom among
 * close neighbours more), and the scores q·k weigh the neighbours. In a trained network σ is usually well below its
 * bound, which makes the true error far smaller.
 *
 * @param sigmaMax largest σ of any head in Å, r0/√b
 * @param errorBound share of the weight in (0, 1)
 * @throws ConfigError for any other error bound.
 */
export function cutoffRadius(sigmaMax: number, errorBound: number): number {
  if (!(errorBound > 0 && errorBound < 1)) {
    throw new ConfigError(`error bound ${errorBound} is not in (0, 1); 1e-5 is a good choice`)
  }
  let low = 0
  let high = 1
  while (neglectedWeight(high) > errorBound) high *= 2
  // Bisection down to neighbouring floats: the share falls monotonically.
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return high * sigmaMax
    if (neglectedWeight(middle) > errorBound) low = middle
    else high = middle
  }
}

/** Share of a Gaussian of width σ = 1 in three dimensions that lies beyond the distance R. */
export function neglectedWeight(R: number): number {
  const x = R / Math.SQRT2
  return erfc(x) + ((2 * x) / Math.sqrt(Math.PI)) * Math.exp(-x * x)
}

/**
 * Complementary error function for x ≥ 0, to float64: below 0.5 by the series of erf, above it by the continued fraction
 * erfc(x) = exp(−x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))). Abramowitz & Stegun 7.1.6 and 7.1.14.
 */
export function erfc(x: number): number {
  if (x < 0.5) {
    // erf(x) = 2/√π · exp(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)): all terms positive, no cancellation.
    let term = x
    let sum = x
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
  }
  // Stopped after n terms the fraction is off by about exp(−2x·√(2n)), relative.
  let tail = x
  for (let n = 20 + Math.ceil(180 / (x * x)); n >= 1; n--) tail = x + n / 2 / tail
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail
}
