// The windows of the published kernels for framed networks: of each basis only the Gaussians within four widths count,
// all others are zero. For comparison with the published code only; a converged model sums all of them.

import * as tf from '@tensorflow/tfjs-core'
import type { Images } from '../attention/batch-images.ts'
import { type CrystalframerConfig, radialRange } from '../attention/config.ts'
import { angularGrid } from './angular-grid.ts'

/** Gaussians that are evaluated of a basis, or undefined where that would save no more than eight. */
function windowOf(count: number, scale: number): number | undefined {
  const window = Math.ceil(8 * scale + 1)
  return count - window > 8 ? window : undefined
}

/** The radial basis [A, K, F] of every block with its windows. @param squared |r|² [A, 1, F] */
export function windowedImages(images: Images, squared: tf.Tensor3D, config: CrystalframerConfig): Images {
  const { value_pe_dist_real: count, value_pe_width_scale: scale } = config
  const window = windowOf(count, scale)
  if (window === undefined) return images
  return {
    ...images,
    basis: (l) => {
      const steps = tf.mul(tf.sqrt(squared), count / radialRange(config, l))
      const from = tf.minimum(tf.floor(tf.maximum(tf.sub(steps, 4 * scale + 1), 0)), count - window)
      return tf.mul(images.basis(l), within(from, window, [1, count, 1]))
    },
  }
}

/** Σ_n P_n·b(u_n) of every channel for u and P [A, 3H, F]: [A, 3H, Ka]. */
export function windowedProfile(u: tf.Tensor, shares: tf.Tensor, config: CrystalframerConfig): tf.Tensor {
  const { value_pe_angle_real: count, value_pe_angle_wscale: scale, cos_abs } = config
  const { width } = angularGrid(config)
  const [from, step] = cos_abs ? [0, width / scale] : [-1, width / scale]
  const [atoms, axes, flat] = u.shape as [number, number, number]
  const row = tf.reshape(u, [atoms, axes, 1, flat])
  const centres = Array.from({ length: count }, (_, t) => from + t * step)
  const z = tf.div(tf.sub(row, tf.tensor(centres, [1, 1, count, 1])), width)
  const gaussians = tf.exp(tf.mul(tf.square(z), -0.5))
  const window = windowOf(count, scale)
  if (window === undefined) return average(gaussians, shares)
  const end = tf.floor(tf.minimum(tf.add(tf.div(tf.add(row, 1 + 4 * width), step), 1), count))
  const first = tf.sub(tf.maximum(end, window), window)
  return average(tf.mul(gaussians, within(first, window, [1, 1, count, 1])), shares)
}

function average(gaussians: tf.Tensor, shares: tf.Tensor): tf.Tensor {
  const [atoms, axes, count, flat] = gaussians.shape as [number, number, number, number]
  const row = tf.reshape(shares, [atoms, axes, flat, 1]) as tf.Tensor4D
  return tf.reshape(tf.matMul(gaussians as tf.Tensor4D, row), [atoms, axes, count])
}

/** 1 for the channels from, …, from + window − 1 along the axis that is not 1 in `shape`. */
function within(from: tf.Tensor, window: number, shape: number[]): tf.Tensor {
  const count = Math.max(...shape)
  const channel = tf.tensor(
    Array.from({ length: count }, (_, k) => k + 0.5),
    shape,
  )
  const past = tf.sub(channel, from)
  return tf.mul(tf.step(past), tf.step(tf.sub(window, past)))
}
