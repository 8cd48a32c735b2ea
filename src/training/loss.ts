// What training minimises, on standardised targets.

import * as tf from '@tensorflow/tfjs-core'
import type { TrainingOptions } from './options.ts'

/**
 * Loss of outputs [C, targets] against standardised targets of the same shape: sum over crystals and targets, divided
 * by `count`, the crystals of the whole step. smooth_l1 is d²/2 for |d| < 1, else |d| − ½.
 */
export function lossOf(
  outputs: tf.Tensor2D,
  targets: tf.Tensor2D,
  loss: TrainingOptions['loss'],
  count: number,
): tf.Scalar {
  const difference = tf.sub(outputs, targets)
  return tf.div(tf.sum(perElement[loss](difference)), count)
}

const perElement = {
  l1: (d) => tf.abs(d),
  mse: (d) => tf.square(d),
  smooth_l1: (d) => {
    // With c = min(|d|, 1): c²/2 + (|d| − c) is both branches at once.
    const size = tf.abs(d)
    const capped = tf.minimum(size, 1)
    return tf.add(tf.mul(tf.square(capped), 0.5), tf.sub(size, capped))
  },
} satisfies Record<TrainingOptions['loss'], (d: tf.Tensor) => tf.Tensor>
