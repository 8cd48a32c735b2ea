// The second half of a block: two linear maps with a rectifier between them.

import * as tf from '@tensorflow/tfjs-core'
import { linear } from '../layers/linear.ts'

export interface FeedForwardParameters {
  /** [F, d] */
  readonly weight1: tf.Tensor
  /** [F] */
  readonly bias1: tf.Tensor
  /** [d, F] */
  readonly weight2: tf.Tensor
  /** [d] */
  readonly bias2: tf.Tensor
}

/** W2·relu(W1·x + b1) + b2 for x [A, d], shape [A, d]. */
export function feedForward(x: tf.Tensor, p: FeedForwardParameters): tf.Tensor2D {
  return linear(tf.relu(linear(x, p.weight1, p.bias1)), p.weight2, p.bias2)
}
