// The angular value encoding: Gaussians of the cosines between images and the axes of a frame, averaged with the
// attention weights and projected like the radial encoding. Ito et al. 2025; docs/mathematics.md §6.1.

import * as tf from '@tensorflow/tfjs-core'
import { type CrystalframerConfig, hasSignedAxes } from '../attention/config.ts'
import { type AngularFactors, angularFactors, angularGrid, SMALLEST_SHARE } from './angular-grid.ts'
import { constantOf } from './frames/constant.ts'
import type { Directions } from './frames/index.ts'
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
  directions: Pick<Directions, 'unit' | 'other'>,
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
  if (windowed) {
    const shares = perAxis(tf.mul(weights, other))
    const profiles = frames.map((frame) => windowedProfile(cosines(frame, unit, config), shares, config))
    return projected(total(profiles), weight)
  }
  const factors = angularFactors(config)
  const [atoms, headCount, flat] = weights.shape
  const shares = tf.relu(tf.mul(tf.sub(weights, SMALLEST_SHARE), tf.mul(other, Math.exp(factors.lift))))
  const sharesByHead = tf.split(tf.reshape(shares, [atoms, headCount, 1, flat]), headCount, 1)
  const directions = tf.reshape(unit, [atoms, 1, 3, flat])
  const scale = Math.SQRT1_2 / angularGrid(config).width
  const axesByFrame = frames.map((frame) => tf.split(tf.mul(frame, scale), headCount, 1))
  const tables = tf.split(inCells(weight, factors), headCount, 0)
  const encoded = tables.map((table, h) => {
    const sums = axesByFrame.map((axes) =>
      profile(offsets(axes[h], directions, config), sharesByHead[h], factors),
    )
    return tf.matMul(tf.reshape(total(sums), [atoms, -1]), tf.squeeze(table, [0]))
  })
  return tf.concat(encoded, 1) as tf.Tensor2D
}

function total(parts: tf.Tensor[]): tf.Tensor {
  return parts.length === 1 ? parts[0] : tf.addN(parts)
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

/** x/√2 = (u − middle)/σ√2 for the axes of one head, divided by σ√2, and the directions of the images: [A, 1, 3, F]. */
function offsets(axes: tf.Tensor, directions: tf.Tensor, config: CrystalframerConfig): tf.Tensor {
  const { width, middle } = angularGrid(config)
  const cosine = tf.matMul(axes, directions)
  const turned = config.cos_abs ? tf.abs(cosine) : cosine
  return middle === 0 ? turned : tf.sub(turned, (middle * Math.SQRT1_2) / width)
}

/**
 * Σ_n P_n·(Gaussian of x_n) of every cell of one head, but for a constant: the product of the coarse and the fine factor
 * sums over the images. One head at a time, so that its tensors stay in the cache; all three axes in one product, of
 * which those of an axis with another are not used. Few passes over the images, and short exponents: docs/decisions/007.
 * [A, β·3, α·3], axes innermost.
 * @param offset x/√2, [A, 1, 3, F]
 * @param shares P·e^lift, [A, 1, 1, F], zero for images that do not count
 */
function profile(offset: tf.Tensor, shares: tf.Tensor, factors: AngularFactors): tf.Tensor {
  const [atoms, , axes, flat] = offset.shape as number[]
  const { bin, coarse, fine } = factors
  const place = bin === undefined ? undefined : binOf(offset, bin, coarse)
  const local = place
    ? tf.sub(offset, tf.add(tf.mul(place, bin! * Math.SQRT1_2), coarse[0] * Math.SQRT1_2))
    : offset

  const [envelope] = constantOf([local], ([y]) => [tf.exp(tf.square(y))])
  const [coarseFactor] = place
    ? constantOf([place], ([n]) => [tf.cast(tf.equal(n, column(coarse.map((_, at) => at))), 'float32')])
    : exponentials(local, coarse)
  const [fineFactor] = exponentials(local, fine)
  const weighted = tf.mul(coarseFactor, tf.div(shares, envelope))
  const rows = (factor: tf.Tensor, count: number) => tf.reshape(factor, [atoms, count * axes, flat])
  return tf.matMul(rows(fineFactor, fine.length), rows(weighted, coarse.length), false, true)
}

/** e^xc for x/√2 [A, 1, 3, F] and the numbers c: [A, c, 3, F]. */
function exponentials(offset: tf.Tensor, slopes: readonly number[]): tf.Tensor[] {
  return constantOf([offset], ([y]) => [tf.exp(tf.mul(y, column(slopes.map((c) => c * Math.SQRT2))))])
}

/** The number of the bin that x/√2 is in. */
function binOf(offset: tf.Tensor, bin: number, middles: readonly number[]): tf.Tensor {
  const inBins = tf.add(tf.mul(offset, Math.SQRT2 / bin), 0.5 - middles[0] / bin)
  return tf.clipByValue(tf.floor(inBins), 0, middles.length - 1)
}

/** [1, n, 1, 1] */
function column(values: readonly number[]): tf.Tensor {
  return tf.tensor(values as number[], [1, values.length, 1, 1])
}

/** Weights of the channels [H, dk, 3, Ka] as weights of what `profile` gives: [H, β·3·α·3, dk]. */
function inCells(weight: tf.Tensor, { table, coarse, fine }: AngularFactors): tf.Tensor3D {
  const [headCount, headDim, axes, channels] = weight.shape as number[]
  const rows = tf.reshape(weight, [headCount * headDim * axes, channels]) as tf.Tensor2D
  const spans = tf.tensor2d(Float32Array.from(table.flatMap((row) => [...row])), [channels, table[0].length])
  const cells = tf.reshape(tf.matMul(rows, spans), [headCount, headDim, axes, coarse.length, fine.length])
  const placed = tf.reshape(tf.transpose(cells, [0, 4, 2, 3, 1]), [-1, axes, coarse.length, 1, headDim])
  const ownAxis = tf.reshape(tf.eye(axes), [1, axes, 1, axes, 1])
  return tf.reshape(tf.mul(placed, ownAxis), [headCount, -1, headDim])
}
