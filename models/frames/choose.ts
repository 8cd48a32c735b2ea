// Picks one image out of many for every atom and head, with shapes that never depend on values: no ArgMax, whose int64
// results WebGPU hands to the CPU, but comparisons and a product with 0 and 1.

import * as tf from '@tensorflow/tfjs-core'
import type { Directions } from './directions.ts'

/** Log weights within this of the best are tied: far above rounding, and above what six decimals of a file leave. */
const TIE = 1e-3
/** Below every log weight and signature. */
const NEVER = 1e12

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
  const mark = tie ? among(isTied(value, scale), tie.signature) : value
  const rank: tf.Tensor3D = tf.mul(isLargest(mark), order)
  return tf.matMul(isLargest(rank), unit, false, true)
}

/** `value` where the mask is 1, far less elsewhere. */
function among(mask: tf.Tensor3D, value: tf.Tensor3D): tf.Tensor3D {
  return tf.add(value, tf.mul(tf.sub(mask, 1), NEVER))
}

/** 1 where a value is tied with the largest of its row, else 0. */
function isTied(value: tf.Tensor3D, scale: Ranking['scale']): tf.Tensor3D {
  const largest: tf.Tensor3D = tf.max(value, 2, true)
  return isAtLeast(value, scale === 'log' ? tf.sub(largest, TIE) : tf.mul(largest, Math.exp(-TIE)))
}

/** 1 where a value is the largest of its row, else 0. */
function isLargest(value: tf.Tensor3D): tf.Tensor3D {
  return isAtLeast(value, tf.max(value, 2, true))
}

function isAtLeast(value: tf.Tensor3D, least: tf.Tensor): tf.Tensor3D {
  return tf.cast(tf.greaterEqual(value, least), 'float32') as tf.Tensor3D
}
