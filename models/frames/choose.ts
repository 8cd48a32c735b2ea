// Picks one image out of many for every atom and head, with shapes that never depend on values: no ArgMax, whose int64
// results WebGPU hands to the CPU, but a product with numbers that are 1 for one image and 0 for all others. Nor a
// softmax that comes to the same: its exponentials are subnormal, on which processors spend ten times as long.

import * as tf from '@tensorflow/tfjs-core'
import type { Directions } from './directions.ts'

/** Log weights within this of the best are tied: far above rounding, and above what six decimals of a file leave. */
const TIE = 1e-3
/** Times how far a value is from a tie: more than any signature, however little it is. */
const PENALTY = { log: 1e20, linear: 1e30 }

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
  { value, scale }: Ranking,
  { unit, order }: Directions,
  tie: TieBreak,
): tf.Tensor3D {
  const mark = tie ? tf.sub(tie.signature, farFromTie(value, scale)) : value
  const largest = tf.cast(tf.greaterEqual(mark, tf.max(mark, 2, true)), 'float32')
  const ranked = tf.mul(largest, order)
  const first = tf.relu(tf.sub(ranked, tf.sub(tf.max(ranked, 2, true), 1))) as tf.Tensor3D
  return tf.matMul(first, unit, false, true)
}

/** 0 where a value is tied with the largest of its row, very much elsewhere. */
function farFromTie(value: tf.Tensor3D, scale: Ranking['scale']): tf.Tensor3D {
  const largest: tf.Tensor3D = tf.max(value, 2, true)
  const tied = scale === 'log' ? tf.sub(largest, TIE) : tf.mul(largest, Math.exp(-TIE))
  return tf.mul(tf.relu(tf.sub(tied, value)), PENALTY[scale])
}
