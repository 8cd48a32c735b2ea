// Infinitely connected attention in real space: one softmax over every periodic image of every neighbour, and the
// radial value encoding ψ. The function of the published code, summed in another order (docs/mathematics.md §6).

import * as tf from '@tensorflow/tfjs-core'
import { type Images, MASKED, WEIGHT_FLOOR } from './batch-images.ts'
import type { Heads } from './heads.ts'

export interface RealSpaceOptions {
  /** pe_dist_proj of these heads, [1, H, dk, K]; undefined in the simplified model, which has no ψ */
  readonly radialWeight: tf.Tensor4D | undefined
  /** published box: an image counts when its reach is below this cutoff in Å, [A, H, 1] or [1, 1, 1] */
  readonly cutoff: tf.Tensor3D | undefined
  /** what else is added to the attended values, [A, d] */
  readonly encoding?: (attention: ImageAttention) => tf.Tensor2D
  readonly trace: (name: string, value: tf.Tensor) => void
}

/** How one block attends to the F = M·S images of every atom, [A, H, F]. */
export interface ImageAttention {
  /** −ρ_i·|r|²/2r0², −1e9 for padding and outside the box */
  readonly phi: tf.Tensor3D
  /** s_ij + phi */
  readonly logits: tf.Tensor3D
  /** P */
  readonly weights: tf.Tensor3D
}

/**
 * Another implementation of realAttention for block l, which has the images of the batch from elsewhere: a fused
 * kernel of the backend that trains. Not for the published box, whose cutoff it is not given.
 */
export type FusedRealAttention = (
  heads: Heads,
  l: number,
  radialWeight: tf.Tensor4D | undefined,
  /** the other parameters of the block, by their published names without the prefix */
  parameter: (name: string) => tf.Tensor,
) => tf.Tensor2D

/**
 * y_i = Σ_{j,n} P_ijn·(v_j + W·b(|r_ijn|)), P = softmax over (j, n) of q_i·k_j/√dk − ρ_i·|r_ijn|²/2r0², for block l.
 * Shape [A, d]. Taniai et al. 2024.
 */
export function realAttention(
  heads: Heads,
  images: Images,
  l: number,
  { radialWeight, cutoff, encoding, trace }: RealSpaceOptions,
): tf.Tensor2D {
  const { slots, imagesPerSlot, count } = images
  const [atoms, headCount] = heads.rho.shape

  let phi: tf.Tensor = tf.mul(tf.reshape(heads.rho, [atoms, headCount, 1]), images.exponent(l))
  if (cutoff && images.reach) {
    const inside = tf.step(tf.sub(cutoff, images.reach))
    phi = tf.add(phi, tf.mul(tf.sub(inside, 1), -MASKED))
  }
  trace('phi', phi)

  const perImage = [atoms, headCount, imagesPerSlot, count] as [number, number, number, number]
  const perSlot = tf.reshape(slots.scores(heads), [atoms, headCount, 1, count])
  const logits = tf.add(tf.reshape(tf.clipByValue(phi, WEIGHT_FLOOR, 0), perImage), perSlot)
  const weights = tf.softmax(tf.reshape(logits, [atoms, headCount, imagesPerSlot * count])) as tf.Tensor3D
  trace('weights', weights)

  const slotWeights = tf.sum(tf.reshape(weights, perImage), 2) as tf.Tensor3D
  let attended = slots.values(heads, slotWeights)
  if (encoding) {
    const exact = tf.reshape(tf.add(tf.reshape(phi, perImage), perSlot), weights.shape) as tf.Tensor3D
    attended = tf.add(attended, encoding({ phi: phi as tf.Tensor3D, logits: exact, weights }))
  }
  return radialWeight ? tf.add(attended, radialEncoding(weights, images.basis(l), radialWeight)) : attended
}

/**
 * Σ_n P_n·ψ(r_n) = W^h·Σ_n P_n·b(r_n) for weights [A, H, M·S] and the channels of `basis` [A, K', M·S]: projected once,
 * after the sum over images. Shape [A, d].
 */
function radialEncoding(weights: tf.Tensor3D, basis: tf.Tensor3D, radialWeight: tf.Tensor4D): tf.Tensor2D {
  const [atoms, headCount] = weights.shape
  const [, , headDim, count] = radialWeight.shape
  const reached = basis.shape[1]
  const profile = tf.transpose(tf.matMul(basis, weights, false, true), [2, 0, 1])
  const all = tf.transpose(tf.reshape(radialWeight, [headCount, headDim, count]), [0, 2, 1])
  const projection = tf.slice(all, [0, 0, 0], [headCount, reached, headDim])
  const encoded = tf.transpose(tf.matMul(profile, projection), [1, 0, 2])
  return tf.reshape(encoded, [atoms, headCount * headDim])
}
