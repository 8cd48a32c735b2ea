// Angular Gaussians as polynomials: the range of a direction cosine is cut into cells no wider than a Gaussian, and in a
// cell every Gaussian is a polynomial of degree 7 to 1e-7. Sums over images then need eight powers instead of as many
// exponentials as there are Gaussians. Plain numbers, for kernels: src/engines/source/profile.h,
// src/kernels/source/cells.h.

import type { CrystalframerConfig } from '../attention/config.ts'

/** Powers 1, t … t⁷ of a cell. */
const TERMS = 8
/** Less is none: far from a Gaussian, where numbers below the normal ones of float32 would slow every product. */
const NOTHING = 1e-20

export interface AngularCells {
  /** cells */
  readonly count: number
  /** where the first one begins, and how many there are in a unit of the cosine */
  readonly least: number
  readonly perUnit: number
  /** of |cos| instead of the cosine */
  readonly absolute: boolean
  /** [Ka, cells · 8]: each Gaussian in each cell by powers of t, from −½ to ½ across the cell */
  readonly polynomials: Float32Array
}

/** b_t(u) = exp(−(u − ν_t)²/2σ²) of a configuration, Ito et al. 2025; docs/mathematics.md §6.1. */
export function angularCells(config: CrystalframerConfig): AngularCells {
  const { value_pe_angle_real: gaussians, value_pe_angle_wscale: scale, cos_abs } = config
  const [least, range] = cos_abs ? [0, 1] : [-1, 2]
  const step = range / (gaussians - 1)
  const width = scale * step
  const count = Math.ceil(range / width)
  const polynomials = new Float32Array(gaussians * count * TERMS)
  for (let n = 0; n < gaussians; n++) {
    for (let cell = 0; cell < count; cell++) {
      const gaussian = (t: number) => {
        const u = least + ((cell + t + 0.5) * range) / count
        return Math.exp(-((u - least - n * step) ** 2) / (2 * width ** 2))
      }
      const coefficients = interpolated(gaussian).map((c) => (Math.abs(c) < NOTHING ? 0 : c))
      polynomials.set(coefficients, (n * count + cell) * TERMS)
    }
  }
  return { count, least, perUnit: count / range, absolute: cos_abs === 1, polynomials }
}

/** Coefficients of the polynomial that equals f at the Chebyshev nodes of [−½, ½], by divided differences. */
function interpolated(f: (t: number) => number): number[] {
  const nodes = Array.from({ length: TERMS }, (_, n) => 0.5 * Math.cos((Math.PI * (n + 0.5)) / TERMS))
  const differences = nodes.map(f)
  for (let order = 1; order < TERMS; order++) {
    for (let n = TERMS - 1; n >= order; n--) {
      differences[n] = (differences[n] - differences[n - 1]) / (nodes[n] - nodes[n - order])
    }
  }
  // Horner's rule on Newton's form: p ← p·(t − node) + difference
  let coefficients = new Array<number>(TERMS).fill(0)
  for (let n = TERMS - 1; n >= 0; n--) {
    coefficients = coefficients.map((c, power) => (power > 0 ? coefficients[power - 1] : 0) - c * nodes[n])
    coefficients[0] += differences[n]
  }
  return coefficients
}
