// From atoms to a property of the crystal: mean over the atoms, then a multilayer perceptron.

import * as tf from '@tensorflow/tfjs-core'
import { linear } from './linear.ts'

/** Mean over the atoms of every crystal, shape [C, d]. `pool` [C, A] holds 1/N at the atoms of the crystal. */
export function poolAtoms(x: tf.Tensor, pool: tf.Tensor): tf.Tensor2D {
  return tf.matMul(pool, x)
}

/** Linear maps with a rectifier between them, [C, d] to [C, targets]. `layers` are (weight [out, in], bias [out]). */
export function mlp(x: tf.Tensor2D, layers: readonly { weight: tf.Tensor; bias: tf.Tensor }[]): tf.Tensor2D {
  return layers.reduce((h, { weight, bias }, n) => linear(n === 0 ? h : tf.relu(h), weight, bias), x)
}
