// The angular value encoding: Gaussians of the cosines between images and the axes of a frame, averaged with the
// attention weights and projected like the radial encoding. Ito et al. 2025; docs/mathematics.md §6.1.

import * as tf from '@tensorflow/tfjs-core'
import { type AngularFactors, angularFactors, angularGrid, SMALLEST_SHARE } from './angular-grid.ts'
import type { CrystalframerConfig } from './config.ts'
import { constantOf } from './frames/constant.ts'
import { type Directions, hasSignedAxes } from './frames/index.ts'
import { windowedProfile } from './published-windows.ts'

/**
 * c_ang·Σ_m W_m·Σ_n P_n·b(e_m·r̂_n), [A, d].
 * @param frames [A, H, 3, 3], axes as rows; of several the mean is taken
 * @param weights P [A, H, F]
 * @param projections W_m [1, H, dk, Ka] of the three axes
 * @param windowed with the windows of the published kernels
 */
export type AngularEncoding = (
  frames: readonly tf.Tensor4D[],
  weights: tf.Tensor3D,
  projections: readonly tf.Tensor[],
  directions: Directions,
  config: CrystalframerConfig,
  windowed: boolean,
) => tf.Tensor2D

/** By sums over the images of coarse and fine factors of the Gaussians; with windows as the formula says. */
export const angularEncoding: AngularEncoding = (
  frames,
  weights,
  projections,
  { unit, other },
  config,
  windowed,
) => {
  const weight = axisWeights(projections, config, frames.length)
  const sum = (profileOf: (frame: tf.Tensor4D) => tf.Tensor) => {
    const profiles = frames.map(profileOf)
    return profiles.length === 1 ? profiles[0] : tf.addN(profiles)
  }
  if (windowed) {
    const shares = perAxis(tf.mul(weights, other))
    return projected(
      sum((frame) => windowedProfile(cosines(frame, unit, config), shares, config)),
      weight,
    )
  }
  const factors = angularFactors(config)
  const shares = tf.relu(tf.mul(tf.sub(weights, SMALLEST_SHARE), tf.mul(other, Math.exp(factors.lift))))
  return projected(
    sum((frame) => profile(offsets(frame, unit, config), shares as tf.Tensor3D, factors)),
    inCells(weight, factors),
  )
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
export function cosines(frame: tf.Tensor4D, unit: tf.Tensor3D, { cos_abs }: CrystalframerConfig): tf.Tensor {
  const [atoms, headCount] = frame.shape
  const axes = tf.reshape(frame, [atoms, 3 * headCount, 3]) as tf.Tensor3D
  const cosine = tf.matMul(axes, unit)
  return cos_abs ? tf.abs(cosine) : cosine
}

/** x/√2 = (u − middle)/σ√2, [A, 3H, F]. */
function offsets(frame: tf.Tensor4D, unit: tf.Tensor3D, config: CrystalframerConfig): tf.Tensor {
  const { width, middle } = angularGrid(config)
  const scale = Math.SQRT1_2 / width
  const scaled = cosines(tf.mul(frame, scale), unit, config)
  return middle === 0 ? scaled : tf.sub(scaled, middle * scale)
}

/** [A, H, F] once for every axis, [A, 3H, F]. */
export function perAxis(weights: tf.Tensor): tf.Tensor {
  const [atoms, headCount, flat] = weights.shape
  const thrice = tf.tile(tf.reshape(weights, [atoms, headCount, 1, flat]), [1, 1, 3, 1])
  return tf.reshape(thrice, [atoms, 3 * headCount, flat])
}

/** The mean over an axis and its reverse, of the weights: the Gaussians of −u are those of u in reverse order. */
function bothWays(weight: tf.Tensor): tf.Tensor {
  return tf.mul(tf.add(weight, tf.reverse(weight, 3)), 0.5)
}

/** W^h·profile for profiles [A, 3H, …channels] and weights [H, dk, 3, channels]: [A, d]. */
export function projected(profile: tf.Tensor, weight: tf.Tensor): tf.Tensor2D {
  const [headCount, headDim, axes, channels] = weight.shape
  const atoms = profile.shape[0]
  const inputs = axes * channels
  const perHead = tf.transpose(tf.reshape(profile, [atoms, headCount, inputs]), [1, 0, 2]) as tf.Tensor3D
  const rows = tf.reshape(weight, [headCount, headDim, inputs]) as tf.Tensor3D
  const encoded = tf.matMul(perHead, rows, false, true)
  return tf.reshape(tf.transpose(encoded, [1, 0, 2]), [atoms, headCount * headDim])
}

/**
 * Σ_n P_n·(Gaussian of x_n) of every cell, but for a constant: the product of the coarse and the fine factor sums over
 * the images. Few passes over them, and short exponents: docs/decisions/007. [A, 3H, α, β]
 * @param offset x/√2, [A, 3H, F]
 * @param shares P·e^lift, [A, H, F], zero for images that do not count
 */
function profile(offset: tf.Tensor, shares: tf.Tensor3D, factors: AngularFactors): tf.Tensor {
  const [atoms, axes, flat] = offset.shape as [number, number, number]
  const perImage = [atoms, axes, 1, flat]
  const { bin, coarse, fine } = factors
  const place = bin === undefined ? undefined : binOf(offset, bin, coarse)
  const local = place
    ? tf.sub(offset, tf.add(tf.mul(place, bin! * Math.SQRT1_2), coarse[0] * Math.SQRT1_2))
    : offset
  const row = tf.reshape(local, perImage)

  const [envelope] = constantOf([local], ([y]) => [tf.exp(tf.square(y))])
  const weighted = tf.div(
    tf.reshape(shares, [atoms, axes / 3, 1, flat]),
    tf.reshape(envelope, [atoms, axes / 3, 3, flat]),
  )
  const [coarseFactor] = place
    ? constantOf([tf.reshape(place, perImage)], ([a]) => [
        tf.cast(tf.equal(a, column(coarse.map((_, n) => n))), 'float32'),
      ])
    : exponentials(row, coarse)
  const [fineFactor] = exponentials(row, fine)
  return tf.matMul(tf.mul(coarseFactor, tf.reshape(weighted, perImage)), fineFactor, false, true)
}

/** e^xc for x/√2 [A, 3H, 1, F] and the numbers c: [A, 3H, c, F]. */
function exponentials(row: tf.Tensor, slopes: readonly number[]): tf.Tensor[] {
  return constantOf([row], ([y]) => [tf.exp(tf.mul(y, column(slopes.map((c) => c * Math.SQRT2))))])
}

/** The number of the bin that x/√2 is in. */
function binOf(offset: tf.Tensor, bin: number, middles: readonly number[]): tf.Tensor {
  const inBins = tf.add(tf.mul(offset, Math.SQRT2 / bin), 0.5 - middles[0] / bin)
  return tf.clipByValue(tf.floor(inBins), 0, middles.length - 1)
}

/** [1, 1, n, 1] */
function column(values: readonly number[]): tf.Tensor {
  return tf.tensor(values as number[], [1, 1, values.length, 1])
}

/** Weights of the channels [.., Ka] as weights of the cells [.., α·β]. */
function inCells(weight: tf.Tensor, { table }: AngularFactors): tf.Tensor {
  const [headCount, headDim, axes, channels] = weight.shape as number[]
  const cells = table[0].length
  const rows = tf.reshape(weight, [headCount * headDim * axes, channels]) as tf.Tensor2D
  const spans = tf.tensor2d(Float32Array.from(table.flatMap((row) => [...row])), [channels, cells])
  return tf.reshape(tf.matMul(rows, spans), [headCount, headDim, axes, cells])
}
