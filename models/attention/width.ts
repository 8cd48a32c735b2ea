// The Gaussian width that every atom asks for, head by head: σ = r0/√ρ in real space. docs/mathematics.md §2.2.

import * as tf from '@tensorflow/tfjs-core'
import { headMask } from './heads.ts'

/**
 * g_i^h = q_i^h·w^h of the unscaled queries [A, d] and lattice_pos_weights [d], as one dense product. Shape [A, H].
 */
export function widthLogits(query: tf.Tensor2D, weight: tf.Tensor, heads: number): tf.Tensor2D {
  const features = query.shape[1]
  const perHead = tf.mul(tf.reshape(headMask(heads, features), [heads, features]), weight)
  return tf.matMul(query, tf.transpose(perHead))
}

/**
 * gauss_scale [2] of a block: 1/std and −mean of its width logits over every atom and head of the first training
 * batch, with the unbiased standard deviation.
 */
export function standardisation(g: tf.Tensor2D): tf.Tensor1D {
  const count = g.shape[0] * g.shape[1]
  const mean = tf.mean(g)
  const variance = tf.div(tf.sum(tf.square(tf.sub(g, mean))), count - 1)
  return tf.stack([tf.rsqrt(variance), tf.neg(mean)]) as tf.Tensor1D
}

/**
 * ρ(t) = (1 − b)·ELU(t·β/(1 − b)) + 1 at t = (g + shift)·scale: above its lower bound b, 1 at t = 0, slope β for t > 0.
 * @param gaussScale [2], scale and shift
 */
export function rho(g: tf.Tensor2D, gaussScale: tf.Tensor, lowerBound: number, beta: number): tf.Tensor2D {
  const [scale, shift] = tf.split(gaussScale, 2)
  const slope = tf.mul(scale, beta / (1 - lowerBound))
  const elu = tf.elu(tf.mul(tf.add(g, shift), slope))
  return tf.add(tf.mul(elu, 1 - lowerBound), 1)
}
