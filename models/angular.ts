// The angular value encoding: Gaussians of the cosines between images and the axes of a frame, averaged with the
// attention weights and projected like the radial encoding. Ito et al. 2025; docs/mathematics.md §6.1.

import * as tf from '@tensorflow/tfjs-core'
import { type AngularGrid, angularGrid } from './angular-grid.ts'
import type { CrystalframerConfig } from './config.ts'
import { type Directions, hasSignedAxes } from './frames/index.ts'
import { windowedProfile } from './published-windows.ts'

/** Exponents below this are cut: e^−56 does not reach a float32 result, and stays normal (docs/decisions/003). */
const FLOOR = -56
/** Smallest attention weight before its logarithm, and what is added for images without a direction. */
const SMALLEST_WEIGHT = 1e-30
const NO_DIRECTION = -1e3

/**
 * c_ang·Σ_m W_m·Σ_n P_n·b(e_m·r̂_n), [A, d].
 * @param frames [A, H, 3, 3], axes as rows; of several the mean is taken
 * @param weights P [A, H, F]
 * @param projections W_m [1, H, dk, Ka] of the three axes
 */
export function angularEncoding(
  frames: readonly tf.Tensor4D[],
  weights: tf.Tensor3D,
  projections: readonly tf.Tensor[],
  { unit, other }: Directions,
  config: CrystalframerConfig,
  windowed: boolean,
): tf.Tensor2D {
  const count = config.value_pe_angle_real
  const grid = angularGrid(config)
  const shares = perAxis(windowed ? tf.mul(weights, other) : logarithm(weights, other))
  const profiles = frames.map((frame) => {
    const u = cosines(frame, unit, config)
    return windowed ? windowedProfile(u, shares, config) : separableProfile(u, shares, grid)
  })
  const profile = profiles.length === 1 ? profiles[0] : tf.addN(profiles)

  const weight = axisWeights(projections, config, frames.length)
  return projected(profile, windowed ? weight : unfolded(weight, grid, count))
}

/**
 * The projections of the three axes as one, [H, dk, 3, Ka], with c_ang and what a mean over frames and over the signs of
 * axes makes of them.
 */
export function axisWeights(
  projections: readonly tf.Tensor[],
  config: CrystalframerConfig,
  frameCount: number,
): tf.Tensor {
  const [, headCount, headDim, count] = projections[0].shape as [number, number, number, number]
  const stacked = tf.concat(
    projections.map((w) => tf.reshape(w, [headCount, headDim, 1, count])),
    2,
  )
  const signed = hasSignedAxes(config) || config.cos_abs === 1 ? stacked : bothWays(stacked)
  return tf.mul(signed, config.value_pe_angle_coef / frameCount)
}

/** e_m·r̂_n, or its absolute value, for the three axes of every head: [A, 3H, F]. */
function cosines(frame: tf.Tensor4D, unit: tf.Tensor3D, { cos_abs }: CrystalframerConfig): tf.Tensor {
  const [atoms, headCount] = frame.shape
  const axes = tf.reshape(frame, [atoms, 3 * headCount, 3]) as tf.Tensor3D
  const cosine = tf.matMul(axes, unit, false, true)
  return cos_abs ? tf.abs(cosine) : cosine
}

/** log P of the images that have a direction. */
function logarithm(weights: tf.Tensor, other: tf.Tensor): tf.Tensor {
  return tf.add(tf.log(tf.maximum(weights, SMALLEST_WEIGHT)), tf.mul(tf.sub(other, 1), -NO_DIRECTION))
}

/** [A, H, F] once for every axis, [A, 3H, F]. */
function perAxis(weights: tf.Tensor): tf.Tensor {
  const [atoms, headCount, flat] = weights.shape
  const thrice = tf.tile(tf.reshape(weights, [atoms, headCount, 1, flat]), [1, 1, 3, 1])
  return tf.reshape(thrice, [atoms, 3 * headCount, flat])
}

/** The mean over an axis and its reverse, of the weights: the Gaussians of −u are those of u in reverse order. */
function bothWays(weight: tf.Tensor): tf.Tensor {
  return tf.mul(tf.add(weight, tf.reverse(weight, 3)), 0.5)
}

/** W^h·profile for profiles [A, 3H, …channels] and weights [H, dk, 3, channels]: [A, d]. */
function projected(profile: tf.Tensor, weight: tf.Tensor): tf.Tensor2D {
  const [headCount, headDim, axes, channels] = weight.shape
  const atoms = profile.shape[0]
  const inputs = axes * channels
  const perHead = tf.transpose(tf.reshape(profile, [atoms, headCount, inputs]), [1, 0, 2]) as tf.Tensor3D
  const rows = tf.reshape(weight, [headCount, headDim, inputs]) as tf.Tensor3D
  const encoded = tf.matMul(perHead, rows, false, true)
  return tf.reshape(tf.transpose(encoded, [1, 0, 2]), [atoms, headCount * headDim])
}

/**
 * Σ_n P_n·b(u_n) but for a constant of each channel, by coarse and fine factors: b of channel (α, β) is
 * exp(−(u − c_α)²/2σ²)·exp((u − u0)·f_β/σ²), and the sum over images is a product of the two. The coarse exponent and
 * log P together are a product of four features of the image with four of the channel: one pass. [A, 3H, α, β]
 * @param u cosines [A, 3H, F]
 * @param logShares log P [A, 3H, F], of images that do not count far below FLOOR
 */
function separableProfile(u: tf.Tensor, logShares: tf.Tensor, grid: AngularGrid): tf.Tensor {
  const [atoms, axes, flat] = u.shape as [number, number, number]
  const shape = [atoms, axes, 1, flat]
  const offset = tf.mul(tf.sub(u, grid.middle), 1 / grid.width)
  const row = tf.reshape(offset, shape)
  const rest = tf.reshape(tf.sub(logShares, tf.mul(tf.square(offset), 0.5)), shape)
  const coarse = grid.coarse.map((c) => (c - grid.middle) / grid.width)
  const table = tf.tensor2d(coarse.map((c) => [c, 1, (-c * c) / 2]))
  const features = tf.concat([row, rest, tf.onesLike(row)], 2)
  const weighted = tf.exp(tf.maximum(tf.matMul(table as tf.Tensor, features), FLOOR))
  const slopes = tf.tensor(
    grid.fine.map((f) => f / grid.width),
    [1, 1, grid.fine.length, 1],
  )
  return tf.matMul(weighted, tf.exp(tf.mul(row, slopes)), false, true)
}

/** The projection of the factors' products: W times the constants of the channels, zero beyond Ka. */
function unfolded(weight: tf.Tensor, { coarse, fine, constant }: AngularGrid, count: number): tf.Tensor {
  const channels = coarse.length * fine.length
  const padded = tf.pad(weight, [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, channels - count],
  ])
  return tf.mul(padded, tf.tensor1d(constant as number[]))
}
