// AdamW and the norm of gradients by kernels of ours, on backends with a heap: one pass over the numbers instead of twelve
// tfjs operations a parameter.

import type * as tf from '@tensorflow/tfjs-core'
import type { Heap } from './heap.ts'
import { kernelsOf } from './kernels.ts'

/** Numbers of one step: `restN` is 1 − βN, `decay` is 1 − lr·λ; the rest as in src/training/adamw.ts. */
export interface AdamWNumbers {
  readonly scale: number
  readonly beta1: number
  readonly rest1: number
  readonly beta2: number
  readonly rest2: number
  readonly decay: number
  readonly stepSize: number
  readonly rootCorrection: number
  readonly epsilon: number
}

export interface Moved {
  readonly w: tf.Tensor
  readonly m: tf.Tensor
  readonly v: tf.Tensor
}

/** The parameter and its moments after one step; new tensors. */
export function moved(heap: Heap, given: Moved, gradient: tf.Tensor, numbers: AdamWNumbers): Moved {
  const { w, m, v } = given
  const [W, M, V] = [w, m, v].map(({ shape }) => heap.allocate(shape))
  const places = [w, gradient, m, v, W, M, V].map((x) => heap.offsetOf(x))
  const { scale, beta1, rest1, beta2, rest2, decay, stepSize, rootCorrection, epsilon } = numbers
  const scalars = [scale, beta1, rest1, beta2, rest2, decay, stepSize, rootCorrection, epsilon]
  kernelsOf(heap.linear).adam_w(w.size, ...scalars, ...places)
  return { w: W, m: M, v: V }
}

/** Σ x² over all numbers of some tensors. */
export function sumOfSquares(heap: Heap, tensors: Iterable<tf.Tensor>): number {
  const { sum_of_squares: kernel } = kernelsOf(heap.linear)
  let sum = 0
  for (const x of tensors) sum += kernel(x.size, heap.offsetOf(x))
  return sum
}
