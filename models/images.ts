// What every layer needs of the periodic images: exponents −r²/2r0² and radial Gaussians. Neither depends on the
// network's state, so each is evaluated once a batch and shared by all layers with the same scale.

import * as tf from '@tensorflow/tfjs-core'
import { type ModelConfig, radialRange, scaleReal } from './config.ts'

/** Added to the logit of what must get no weight; far below any real logit, and finite, so that 0·NaN cannot arise. */
export const MASKED = -1e9

/**
 * Floors that keep weights and radial Gaussians out of the subnormal range, where processors multiply up to a hundred
 * times more slowly (the network took ten times as long). An image at the floor weighs e^−56 of the atom's own image,
 * a Gaussian at its floor is e^−25 = 1e-11: neither reaches a float32 result, and their product is still normal.
 */
export const WEIGHT_FLOOR = -56
const GAUSSIAN_FLOOR = 25

/** The images of a batch, flattened to one axis of length M·S per atom (slots innermost). */
export interface Images {
  /** [A, S] int32, atom j of every slot */
  readonly neighbour: tf.Tensor2D
  /** M */
  readonly imagesPerSlot: number
  /** −r²/2r0² for the scale of block l, masked images at −1e9; [A, 1, M·S] */
  exponent(l: number): tf.Tensor3D
  /** b_k(r) for block l; [A, M·S, K] */
  basis(l: number): tf.Tensor3D
  /** adaptive box: the cutoff in Å above which an image belongs to the sum; [A, 1, M·S] */
  readonly reach: tf.Tensor3D | undefined
}

/** Reads the image tensors of a batch (src/periodic/types.ts, `Batch`). Lazy parts are made at their first use. */
export function batchImages(inputs: Readonly<Record<string, tf.Tensor>>, config: ModelConfig): Images {
  const [atoms, imagesPerSlot, slots] = inputs.translation.shape
  const flat = imagesPerSlot * slots
  const squared = tf.sum(tf.square(inputs.translation), 3)
  const excluded = tf.mul(tf.sub(inputs.image_mask, 1), -MASKED)
  return {
    neighbour: inputs.neighbour as tf.Tensor2D,
    imagesPerSlot,
    exponent: perBlock(
      (l) => scaleReal(config, l),
      (r0) => tf.reshape(tf.add(tf.mul(squared, -1 / (2 * r0 * r0)), excluded), [atoms, 1, flat]),
    ),
    basis: perBlock(
      (l) => radialRange(config, l),
      (range) => radialBasis(tf.sqrt(squared), range, config, [atoms, flat, 1]),
    ),
    reach: inputs.image_reach && tf.reshape(inputs.image_reach, [atoms, 1, flat]),
  }
}

/**
 * b_k(r) = exp(−(r − kδ)²/2(sδ)²), k = 1…K, δ = r_max/K, as [A, M·S, K]..
 * Distances are scaled before the axis of the Gaussians is added: the tensors behind it are K times larger.
 */
function radialBasis(
  distance: tf.Tensor,
  range: number,
  config: ModelConfig,
  shape: [number, number, number],
): tf.Tensor3D {
  const count = config.value_pe_dist_real
  const step = range / count
  const unit = 1 / (Math.SQRT2 * config.value_pe_width_scale * step)
  const centres = Float32Array.from({ length: count }, (_, k) => (k + 1) * step * unit)
  const u = tf.sub(tf.reshape(tf.mul(distance, unit), shape), tf.tensor1d(centres))
  return tf.exp(tf.neg(tf.minimum(tf.mul(u, u), GAUSSIAN_FLOOR))) as tf.Tensor3D
}

/** A function of the block whose value is made once for every distinct scale. */
function perBlock<T>(scaleOf: (l: number) => number, make: (scale: number) => T): (l: number) => T {
  const made = new Map<number, T>()
  return (l) => {
    const scale = scaleOf(l)
    let value = made.get(scale)
    if (value === undefined) made.set(scale, (value = make(scale)))
    return value
  }
}
