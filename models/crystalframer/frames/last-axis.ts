// Vectors along the last axis of a tensor.

import * as tf from '@tensorflow/tfjs-core'

/** Shorter than this is no direction: stays (almost) zero instead of becoming NaN. */
export const SHORTEST = 1e-12

/** a × b for [A, H, 3]. */
export function cross(a: tf.Tensor3D, b: tf.Tensor3D): tf.Tensor3D {
  const [ax, ay, az] = tf.split(a, 3, 2)
  const [bx, by, bz] = tf.split(b, 3, 2)
  const minor = (p: tf.Tensor, q: tf.Tensor, r: tf.Tensor, s: tf.Tensor) => tf.sub(tf.mul(p, q), tf.mul(r, s))
  return tf.concat([minor(ay, bz, az, by), minor(az, bx, ax, bz), minor(ax, by, ay, bx)], 2) as tf.Tensor3D
}

/** v/|v| for [A, H, 3]. */
export function normalised(v: tf.Tensor3D): tf.Tensor3D {
  return tf.div(v, tf.maximum(tf.sqrt(tf.sum(tf.square(v), 2, true)), SHORTEST))
}
