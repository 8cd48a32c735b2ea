// Densities of axes instead of a frame: an atom looks along the directions of all its images at once, each by its weight.
// No image is chosen, so that nothing jumps. With spherical harmonics two sums over the images do for all pairs of axis
// and image; docs/mathematics.md §6.3.

import * as tf from '@tensorflow/tfjs-core'
import { scope } from '../../src/scope.ts'
import type { ValueEncoding } from '../attention/block-attention.ts'
import type { CrystalframerConfig } from '../attention/config.ts'
import { DENSITY_PROJECTIONS } from '../attention/parameters.ts'
import { directionsOf } from './frames/index.ts'
import { rowDegrees } from './harmonic-tables.ts'
import { sphericalHarmonics } from './harmonics.ts'

/** Shares of the weight of all other images below this count as much as it: its fourth power is a normal number. */
const SMALLEST_SHARE = 1e-9
/** Less weight of all other images than this is none. */
const SMALLEST_TOTAL = 1e-18
/** Σ of the fourth powers of shares that add up to 1, of a million images at least. */
const SMALLEST_FOURTH = 1e-18

/**
 * c_ang·Σ_γ W_γ·Σ_m A_lm·ρ_lm, [A, d], with ρ_lm = Σ_n P_n Y_lm(r̂_n) and A_lm = Σ_a λ_a Y_lm(û_a), where λ is
 * proportional to P⁴, and for the second density to P.
 * @param translation [A, M, S, 3] in Å
 */
export function densityEncoding(translation: tf.Tensor, config: CrystalframerConfig): ValueEncoding {
  const { unit, other } = directionsOf(translation)
  const harmonics = scope('harmonics', () => sphericalHarmonics({ unit, other }, config.density_degree))
  return ({ weights }, { parameter }) =>
    scope('density', () => {
      const profile = densityProfile(weights, harmonics, other, config)
      return projectedProfile(profile, densityWeights(parameter, config))
    })
}

/** c_ang·W_γ of a block for the densities one after the other, [1, H, dk, axes·(L + 1)]. */
export function densityWeights(
  parameter: (name: string) => tf.Tensor,
  { density_axes: axes, value_pe_angle_coef: factor }: CrystalframerConfig,
): tf.Tensor {
  const projections = DENSITY_PROJECTIONS.slice(0, axes).map((name) => parameter(`self_attn.${name}`))
  return tf.mul(tf.concat(projections, 3), factor)
}

/** Σ_m A_lm·ρ_lm of every head, for the degrees of the first density, then of the second: [A, axes·(L + 1), H]. */
function densityProfile(
  weights: tf.Tensor3D,
  harmonics: tf.Tensor3D,
  other: tf.Tensor3D,
  { density_degree: degree, density_axes: axes }: CrystalframerConfig,
): tf.Tensor3D {
  const total = tf.matMul(weights, other, false, true)
  const share = tf.div(weights, tf.maximum(total, SMALLEST_TOTAL))
  // The atom itself may weigh far more than all others together; its harmonics are zero.
  const fourth = tf.square(tf.square(tf.clipByValue(share, SMALLEST_SHARE, 1)))
  const rho = tf.matMul(harmonics, weights, false, true) as tf.Tensor3D
  const strongest = tf.matMul(harmonics, fourth as tf.Tensor3D, false, true) as tf.Tensor3D
  const ofStrongest = byDegree(tf.mul(strongest, rho), strongest, SMALLEST_FOURTH, degree)
  if (axes === 1) return ofStrongest
  return tf.concat([ofStrongest, byDegree(tf.square(rho), rho, SMALLEST_TOTAL, degree)], 1)
}

/** Sums over m of products [A, (L + 1)², H], for a density that still has to be divided by its total: [A, L + 1, H]. */
function byDegree(products: tf.Tensor, density: tf.Tensor3D, smallest: number, degree: number): tf.Tensor3D {
  const degrees = rowDegrees(degree)
  const table = Array.from({ length: degree + 1 }, (_, l) => degrees.map((own) => Number(own === l)))
  const total = tf.slice(density, [0, 0, 0], [-1, 1, -1])
  return tf.div(
    tf.matMul(tf.tensor2d(table), products as tf.Tensor3D) as tf.Tensor,
    tf.maximum(total, smallest),
  )
}

/** W^h·profile for a profile [A, K, H] and weights [1, H, dk, K]: [A, d]. */
function projectedProfile(profile: tf.Tensor3D, weight: tf.Tensor): tf.Tensor2D {
  const [, headCount, headDim, count] = weight.shape as [number, number, number, number]
  const perHead = tf.transpose(profile, [2, 0, 1])
  const rows = tf.reshape(weight, [headCount, headDim, count]) as tf.Tensor3D
  const encoded = tf.matMul(perHead, rows, false, true)
  return tf.reshape(tf.transpose(encoded, [1, 0, 2]), [profile.shape[0], headCount * headDim])
}
