// The grid of angular Gaussians, and how a uniform grid of Gaussians is split into coarse and fine factors. Plain
// numbers; the tensors are in angular.ts.

import type { CrystalframerConfig } from './config.ts'

export interface AngularGrid {
  /** σ of a Gaussian */
  readonly width: number
  /** centres c_α, and offsets f_β of the channels around them: channel (α, β) is centred at c_α + f_β */
  readonly coarse: readonly number[]
  readonly fine: readonly number[]
  /** middle of the range of u */
  readonly middle: number
  /** what the product of the two factors lacks, by channel, β fastest */
  readonly constant: readonly number[]
}

/**
 * Largest exponent of a fine factor. What is cut of a coarse one at e^−56 may grow by twice as much, by the fine factor
 * and by the constant, and must stay negligible.
 */
const LARGEST = 15

/** Centres ν_t = −1 + 2t/(Ka − 1), or t/(Ka − 1) of |cos|; σ = s_ang steps. */
export function angularGrid(config: CrystalframerConfig): AngularGrid {
  const { value_pe_angle_real: count, value_pe_angle_wscale: scale, cos_abs } = config
  const [from, range] = cos_abs ? [0, 1] : [-1, 2]
  const step = range / (count - 1)
  const width = scale * step
  const middle = from + range / 2
  /** of fine factors: a whole root, unless narrow Gaussians would make them too large */
  const bound = 1 + Math.floor((4 * LARGEST * scale ** 2) / (count - 1))
  const fineCount = Math.max(1, Math.min(Math.ceil(Math.sqrt(count)), bound))
  const coarseCount = Math.ceil(count / fineCount)
  const offset = (fineCount - 1) / 2
  const fine = Array.from({ length: fineCount }, (_, beta) => (beta - offset) * step)
  const coarse = Array.from({ length: coarseCount }, (_, alpha) => from + (alpha * fineCount + offset) * step)
  const constant = coarse.flatMap((c) =>
    fine.map((f) => Math.exp(-((c - middle) * f + f ** 2 / 2) / width ** 2)),
  )
  return { width, coarse, fine, middle, constant }
}
