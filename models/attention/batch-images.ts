// What every layer needs of the periodic images: exponents −r²/2r0² and radial Gaussians. Neither depends on the
// network's state, so each is evaluated once a batch and shared by all layers with the same scale.

import * as tf from '@tensorflow/tfjs-core'
import { type ModelConfig, radialRange, scaleReal } from './config.ts'
import { type Slots, slotsOfCells, slotsOfPairs } from './pairs.ts'

/** Added to the logit of what must get no weight; far below any real logit, and finite, so that 0·NaN cannot arise. */
export const MASKED = -1e9

/**
 * Floors that keep weights and radial Gaussians out of the subnormal range, where processors multiply up to a hundred
 * times more slowly (the network took ten times as long). An image at the floor weighs e^−56 of the atom's own image,
 * a Gaussian at its floor is e^−25 = 1e-11: neither reaches a float32 result, and their product is still normal.
 */
export const WEIGHT_FLOOR = -56
const GAUSSIAN_FLOOR = -25
/**
 * A channel centred more than this many widths beyond the radius is left out: at the radius it is below e^−4.5, for
 * images whose weight is below the error bound.
 */
const REACH = 3

/** The images of a batch, flattened to one axis of length M·S per atom (slots innermost). */
export interface Images {
  readonly slots: Slots
  /** S */
  readonly count: number
  /** M */
  readonly imagesPerSlot: number
  /** −r²/2r0² for the scale of block l, masked images at −1e9; [A, 1, M·S] */
  exponent(l: number): tf.Tensor3D
  /** b_k(r) for block l, the first K' of its channels: those that images within the radius reach; [A, K', M·S] */
  basis(l: number): tf.Tensor3D
  /** adaptive box: the cutoff in Å above which an image belongs to the sum; [A, 1, M·S] */
  readonly reach: tf.Tensor3D | undefined
}

/**
 * Reads the image tensors of a batch (src/periodic/types.ts, `Batch`; without `pair` one of whole cells, batch-of-cells.ts).
 * Lazy parts are made at their first use.
 * @param radius no image lies beyond it (Å), so that channels centred far outside need not be evaluated
 */
export function batchImages(
  inputs: Readonly<Record<string, tf.Tensor>>,
  config: ModelConfig,
  radius?: number,
): Images {
  const [atoms, imagesPerSlot, slots] = inputs.translation.shape
  const flat = imagesPerSlot * slots
  const squared = tf.sum(tf.square(inputs.translation), 3)
  const excluded = tf.mul(tf.sub(inputs.image_mask, 1), -MASKED)
  return {
    slots: slotsOf(inputs),
    count: slots,
    imagesPerSlot,
    exponent: perBlock(
      (l) => scaleReal(config, l),
      (r0) => tf.reshape(tf.add(tf.mul(squared, -1 / (2 * r0 * r0)), excluded), [atoms, 1, flat]),
    ),
    basis: perBlock(
      (l) => radialRange(config, l),
      (range) => radialBasis(tf.reshape(tf.sqrt(squared), [atoms, 1, flat]), range, config, radius),
    ),
    reach: inputs.image_reach && tf.reshape(inputs.image_reach, [atoms, 1, flat]),
  }
}

function slotsOf({ pair, pair_start, pair_end, pool }: Readonly<Record<string, tf.Tensor>>): Slots {
  if (!pair) return slotsOfCells(pool.shape[0])
  return slotsOfPairs({
    pair: pair as tf.Tensor2D,
    start: pair_start as tf.Tensor2D,
    end: pair_end as tf.Tensor2D,
  })
}

/**
 * b_k(r) = exp(−(r − kδ)²/2(sδ)²), k = 1…K', δ = r_max/K, for distances [A, 1, M·S]. Taniai et al. 2024, eq. (11) and
 * appendix. Images innermost: broadcasting along a long axis is fast, and so is the product with the weights
 * (docs/decisions/004).
 *
 * With r/δ = c + n + f, n whole, f in [0, 1) and c in the middle of the grid, the exponent −(n − k + f)²/2 is a product
 * of five features of the distance with five of the channel. The whole numbers among them are exact in float32, so
 * that one matrix product is as good as the difference squared, in one pass over [A, K', M·S] instead of three.
 */
function radialBasis(
  distance: tf.Tensor,
  range: number,
  { value_pe_dist_real: channels, value_pe_width_scale: width }: ModelConfig,
  radius: number | undefined,
): tf.Tensor3D {
  const step = range / channels
  const reached = radius === undefined ? channels : Math.floor(radius / step + REACH * width)
  const count = Math.min(channels, Math.max(1, reached))
  const centre = Math.ceil(count / 2)

  const steps = tf.mul(distance, 1 / step)
  const whole = tf.floor(steps)
  const f = tf.sub(steps, whole)
  const n = tf.sub(whole, centre)
  const one = tf.add(tf.mul(f, 0), 1)
  const mixed = tf.mul(f, tf.add(tf.mul(f, 0.5), n))
  const features = tf.concat([tf.mul(tf.square(n), 0.5), n, one, f, mixed], 1)
  const table = Array.from({ length: count }, (_, row) => row + 1 - centre).map((k) => [
    -1,
    k,
    (-k * k) / 2,
    k,
    -1,
  ])
  const squares = tf.matMul(tf.tensor2d(table), features as tf.Tensor3D)
  const exponent = width === 1 ? squares : tf.mul(squares, 1 / width ** 2)
  return tf.exp(tf.clipByValue(exponent, GAUSSIAN_FLOOR, 0)) as tf.Tensor3D
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
