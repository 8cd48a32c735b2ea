// Where the images of a batch lie, seen from their atoms: what all frames and the angular encoding share. Made once a
// batch, like the distances of models/images.ts.

import * as tf from '@tensorflow/tfjs-core'

/** An image this near (Å²) is the atom itself, or padding: it has no direction. */
const OWN = 1e-5

/** F = M·S images an atom, slots innermost. */
export interface Directions {
  /** r/|r|, zero for the atom itself and for padding; [A, F, 3] */
  readonly unit: tf.Tensor3D
  /** r in Å, [A, F, 3] */
  readonly vector: tf.Tensor3D
  /** |r|², [A, 1, F] */
  readonly squared: tf.Tensor3D
  /** 1 for another atom or image, 0 for the atom itself and for padding; [A, 1, F] */
  readonly other: tf.Tensor3D
  /** F … 1: earlier images of a pair have larger numbers; [A, 1, F] */
  readonly order: tf.Tensor3D
}

/** @param translation [A, M, S, 3] in Å */
export function directionsOf(translation: tf.Tensor): Directions {
  const [atoms, imagesPerSlot, slots] = translation.shape
  const flat = imagesPerSlot * slots
  const vector = tf.reshape(translation, [atoms, flat, 3]) as tf.Tensor3D
  const squared = tf.sum(tf.square(vector), 2, true)
  const other = tf.step(tf.sub(squared, OWN))
  const distance = tf.sqrt(tf.maximum(squared, OWN))
  const row = (x: tf.Tensor) => tf.reshape(x, [atoms, 1, flat]) as tf.Tensor3D
  return {
    unit: tf.mul(tf.div(vector, distance), other),
    vector,
    squared: row(squared),
    other: row(other),
    order: row(tf.cumsum(tf.onesLike(squared), 1, false, true)),
  }
}
