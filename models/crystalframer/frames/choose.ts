// Picks one image out of many for every atom and head, with shapes that never depend on values: no ArgMax, whose int64
// results WebGPU hands to the CPU. Every image has a number of its own, which decides between equals and tells where its
// direction stands. Few passes over the images, for each of them counts: docs/decisions/007.

import * as tf from '@tensorflow/tfjs-core'
import type { Directions } from './directions.ts'

/** Log weights within this of the best are tied: far above rounding, and above what six decimals of a file leave. */
const TIE = 1e-3

/** How images are compared; [A, H, F]. */
export interface Ranking {
  readonly value: tf.Tensor3D
  /** whether the value is a log weight or a weight, on which it depends how large a tie is */
  readonly scale: 'log' | 'linear'
}

/** Which of several images of the same value. */
export type TieBreak =
  /** the first in scan order */
  | undefined
  /** of all within TIE, the one of the largest `signature` [A, H, F] */
  | { readonly signature: tf.Tensor3D }

/** The direction of the image of largest value, shape [A, H, 3]. */
export function bestDirection(
  ranking: Ranking,
  { order, rows }: Pick<Directions, 'order' | 'rows'>,
  tie: TieBreak,
): tf.Tensor3D {
  // By an exponential, which is positive and keeps every digit, unlike a sum with a large number.
  const mark: tf.Tensor3D = tie ? tf.mul(tf.exp(tie.signature), tied(ranking)) : ranking.value
  const best = tf.mul(oneWhere(mark, tf.max(mark, 2, true)), order)
  // The one of largest number: from there on so many images are left.
  const first = tf.cast(tf.sub(tf.max(order), tf.max(best, 2)), 'int32')
  return tf.gather<tf.Tensor>(rows, first) as tf.Tensor3D
}

/** 1 where a value is tied with the largest of its row, 0 elsewhere. */
function tied({ value, scale }: Ranking): tf.Tensor {
  const largest = tf.max(value, 2, true)
  return oneWhere(value, scale === 'log' ? tf.sub(largest, TIE) : tf.mul(largest, Math.exp(-TIE)))
}

function oneWhere(value: tf.Tensor, isAtLeast: tf.Tensor): tf.Tensor {
  return tf.cast(tf.greaterEqual(value, isAtLeast), 'float32')
}
