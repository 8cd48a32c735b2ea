// Infinitely connected attention in reciprocal space: the sum over images as a Fourier series. docs/mathematics.md §5.

import * as tf from '@tensorflow/tfjs-core'
import { WEIGHT_FLOOR } from './batch-images.ts'
import { type Heads, scores, weightedValues } from './heads.ts'

/** Smallest Fourier sum before its logarithm; the truncated series of a large cell can be zero or negative. */
const SMALLEST_SUM = 1e-6

/**
 * y_i = Σ_j P_ij·v_j with P = softmax over j of q_i·k_j/√dk + log max(S_ij, 1e-6) and
 * S_ij = Σ_n w_n·exp(−ρ_i·r0²·|k_n|²/2)·cos(k_n·(p_j − p_i)). Shape [A, d]..
 *
 * The published α has two more terms, 1.5·log(2π·r0²·ρ) − log V. They are the same for every j, so the softmax does
 * not see them; left-handed cells, whose V is negative, need no special case.
 * @param inputs partner, partner_mask, wave_cosine, wave_norm2 of a batch
 * @param scale r0 of reciprocal space, Å
 */
export function reciprocalAttention(
  heads: Heads,
  inputs: Readonly<Record<string, tf.Tensor>>,
  scale: number,
  trace: (name: string, value: tf.Tensor) => void,
): tf.Tensor2D {
  const partner = inputs.partner as tf.Tensor2D
  const [atoms, partners] = partner.shape
  const waves = inputs.wave_norm2.shape[1] as number
  const headCount = heads.rho.shape[1]

  const exponent = tf.reshape(tf.mul(inputs.wave_norm2, -(scale * scale) / 2), [atoms, 1, waves])
  const amplitude = tf.exp(tf.mul(tf.reshape(heads.rho, [atoms, headCount, 1]), exponent))
  const sum = tf.matMul(amplitude as tf.Tensor3D, inputs.wave_cosine as tf.Tensor3D)
  const phi = tf.log(tf.maximum(sum, SMALLEST_SUM))
  trace('phi_reciprocal', phi)

  const excluded = tf.reshape(tf.mul(tf.sub(inputs.partner_mask, 1), -WEIGHT_FLOOR), [atoms, 1, partners])
  const logits = tf.add(tf.add(scores(heads, partner), phi), excluded)
  return weightedValues(heads, tf.softmax(logits as tf.Tensor3D), partner)
}
