// Linear maps in PyTorch's layout: weights are stored [out, in].

import * as tf from '@tensorflow/tfjs-core'

/**
 * x·Wᵀ + b for x [n, in], weight [out, in], bias [out]. The transpose is a node of its own: a constant in an exported
 * graph, and far faster than a transposed product on the wasm backend.
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor2D {
  return tf.add(tf.matMul(x, tf.transpose(weight)), bias)
}
