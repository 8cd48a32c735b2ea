// Linear maps in PyTorch's layout: weights are stored [out, in].

import * as tf from '@tensorflow/tfjs-core'

/** x·Wᵀ + b for x [n, in], weight [out, in], bias [out]. */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor2D {
  return tf.add(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D, false, true), bias)
}
