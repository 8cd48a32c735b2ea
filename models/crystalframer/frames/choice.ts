// The images that a frame is chosen from. Most can never be chosen, whatever the network thinks of their atom: nearer
// images of the same atom weigh more. The host says which are left (src/periodic/near-images.ts).

import * as tf from '@tensorflow/tfjs-core'
import { type Directions, numbered } from './directions.ts'

/** Images to choose from: N of an atom, or all F. */
export interface Choice {
  readonly directions: Pick<Directions, 'unit' | 'other' | 'order' | 'rows'>
  /** attention weights, [A, H, N] */
  readonly weights: tf.Tensor3D
}

/** A list of images, the same for all blocks. */
export interface Near {
  /** place of each along [A·F], [A, N] int32 */
  readonly places: tf.Tensor2D
  readonly directions: Choice['directions']
}

export function nearOf({ rows }: Directions, places: tf.Tensor): Near {
  const [atoms, count] = places.shape
  const near = tf.gather<tf.Tensor>(rows, places)
  const unit = tf.transpose(near, [0, 2, 1]) as tf.Tensor3D
  const other = tf.cast(tf.greater(tf.sum(tf.square(unit), 1, true), 0.5), 'float32') as tf.Tensor3D
  return {
    places: places as tf.Tensor2D,
    directions: { unit, other, order: numbered(other), rows: tf.reshape(near, [atoms * count, 3]) },
  }
}

/** The near images if there is a list of them, otherwise all. */
export function choiceOf(directions: Directions, weights: tf.Tensor3D, near: Near | undefined): Choice {
  if (!near) return { directions, weights }
  const [atoms, headCount, flat] = weights.shape
  const byImage = tf.reshape(tf.transpose(weights, [0, 2, 1]), [atoms * flat, headCount])
  const picked = tf.transpose(tf.gather<tf.Tensor>(byImage, near.places), [0, 2, 1]) as tf.Tensor3D
  return { directions: near.directions, weights: picked }
}
