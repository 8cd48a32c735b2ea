// Picks one image out of many for every atom and head, with shapes that never depend on values: no ArgMax, whose int64
// results WebGPU hands to the CPU, but comparisons and a product with 0 and 1.

import * as tf from '@tensorflow/tfjs-core'
import type { Directions } from './directions.ts'

/** Log weights within this of the best are tied: far above rounding, and above what six decimals of a file leave. */
const TIE = 1e-3
/** Below every log weight and signature. */
const NEVER = 1e12

/** Which of several images of the same value. */
export type TieBreak =
  /** the first in scan order */
  | undefined
  /** of all within TIE, the one of the largest `signature` [A, H, F] */
  | { readonly signature: tf.Tensor3D }

/** The direction of the image of largest value [A, H, F], shape [A, H, 3]. */
export function bestDirection(value: tf.Tensor3D, { unit, order }: Directions, tie: TieBreak): tf.Tensor3D {
  const mark = tie ? among(isLargest(value, TIE), tie.signature) : value
  const rank = tf.mul(isLargest(mark, 0), order)
  return tf.matMul(isLargest(rank as tf.Tensor3D, 0), unit)
}

/** `value` where the mask is 1, far less elsewhere. */
function among(mask: tf.Tensor3D, value: tf.Tensor3D): tf.Tensor3D {
  return tf.add(value, tf.mul(tf.sub(mask, 1), NEVER))
}

/** 1 where a value is within `tolerance` of the largest of its row, else 0. */
function isLargest(value: tf.Tensor3D, tolerance: number): tf.Tensor3D {
  const least = tf.sub(tf.max(value, 2, true), tolerance)
  return tf.cast(tf.greaterEqual(value, least), 'float32') as tf.Tensor3D
}
