// Where the images of a batch lie, seen from their atoms: what all frames and the angular encoding share. Made once a
// batch, like the distances of models/attention/batch-images.ts. Images are innermost: what is done to all of them is done along a long
// axis, several times faster than along one of three.

import * as tf from '@tensorflow/tfjs-core'
import { OWN } from '../../../src/periodic/measures.ts'

/** F = M·S images an atom, slots innermost. */
export interface Directions {
  /** r/|r|, zero for the atom itself and for padding; [A, 3, F] */
  readonly unit: tf.Tensor3D
  /** r in Å, [A, 3, F] */
  readonly vector: tf.Tensor3D
  /** |r|², [A, 1, F] */
  readonly squared: tf.Tensor3D
  /** 1 for another atom or image, 0 for the atom itself and for padding; [A, 1, F] */
  readonly other: tf.Tensor3D
  /** A·F … 1, the number of images from here to the end of the batch; [A, 1, F], whole below 2^24 */
  readonly order: tf.Tensor3D
  /** r/|r| by the place of the image in the batch, [A·F, 3] */
  readonly rows: tf.Tensor2D
}

/** @param translation [A, M, S, 3] in Å */
export function directionsOf(translation: tf.Tensor): Directions {
  const [atoms, imagesPerSlot, slots] = translation.shape
  const components = tf.split(translation, 3, 3)
  const vector = tf.concat(
    components.map((x) => tf.reshape(x, [atoms, 1, imagesPerSlot * slots])),
    1,
  ) as tf.Tensor3D
  const squared = tf.sum(tf.square(vector), 1, true) as tf.Tensor3D
  const other = tf.cast(tf.greater(squared, OWN), 'float32') as tf.Tensor3D
  const distance = tf.sqrt(tf.maximum(squared, OWN))
  const unit = tf.mul(vector, tf.div(other, distance)) as tf.Tensor3D
  return {
    unit,
    vector,
    squared,
    other,
    order: numbered(squared),
    rows: tf.reshape(tf.transpose(unit, [0, 2, 1]), [-1, 3]),
  }
}

/** n … 1 for the n numbers of a tensor. */
export function numbered(like: tf.Tensor3D): tf.Tensor3D {
  return tf.reshape(tf.cumsum(tf.reshape(tf.onesLike(like), [-1]), 0, false, true), like.shape)
}
