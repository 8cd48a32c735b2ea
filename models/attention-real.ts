// Infinitely connected attention in real space: one softmax over every periodic image of every neighbour, and the
// radial value encoding ψ. The function of the published code, summed in another order (docs/mathematics.md §6).

import * as tf from '@tensorflow/tfjs-core'
import { type Heads, scores, weightedValues } from './heads.ts'
import { type Images, MASKED, WEIGHT_FLOOR } from './images.ts'

export interface RealSpaceOptions {
  /** pe_dist_proj of these heads, [1, H, dk, K]; undefined in the simplified model, which has no ψ */
  readonly radialWeight: tf.Tensor4D | undefined
  /** published box: an image counts when its reach is below this cutoff in Å, [A, H, 1] or [1, 1, 1] */
  readonly cutoff: tf.Tensor3D | undefined
  readonly trace: (name: string, value: tf.Tensor) => void
}

/**
 * Another implementation of realAttention for block l, which has the images of the batch from elsewhere: a fused
 * kernel of the backend that trains. Not for the published box, whose cutoff it is not given.
 */
export type FusedRealAttention = (heads: Heads, l: number, radialWeight?: tf.Tensor4D) => tf.Tensor2D

/**
 * y_i = Σ_{j,n} P_ijn·(v_j + W·b(|r_ijn|)), P = softmax over (j, n) of q_i·k_j/√dk − ρ_i·|r_ijn|²/2r0², for block l.
 * Shape [A, d]. Taniai et al. 2024.
 */
export function realAttention(
  heads: Heads,
  images: Images,
  l: number,
  { radialWeight, cutoff, trace }: RealSpaceOptions,
): tf.Tensor2D {
  const { neighbour, imagesPerSlot } = images
  const [atoms, slots] = neighbour.shape
  const headCount = heads.rho.shape[1]

  let phi: tf.Tensor = tf.mul(tf.reshape(heads.rho, [atoms, headCount, 1]), images.exponent(l))
  if (cutoff && images.reach) {
    const inside = tf.step(tf.sub(cutoff, images.reach))
    phi = tf.add(phi, tf.mul(tf.sub(inside, 1), -MASKED))
  }
  trace('phi', phi)

  const perImage = [atoms, headCount, imagesPerSlot, slots] as [number, number, number, number]
  const perSlot = tf.reshape(scores(heads, neighbour), [atoms, headCount, 1, slots])
  const logits = tf.add(tf.reshape(tf.maximum(phi, WEIGHT_FLOOR), perImage), perSlot)
  const weights = tf.softmax(tf.reshape(logits, [atoms, headCount, imagesPerSlot * slots])) as tf.Tensor3D

  const slotWeights = tf.sum(tf.reshape(weights, perImage), 2) as tf.Tensor3D
  const attended = weightedValues(heads, slotWeights, neighbour)
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
