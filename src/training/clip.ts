// Clipping of the gradient by its global norm, as PyTorch does it.

import * as tf from '@tensorflow/tfjs-core'
import type { Engine } from '../engines/engine.ts'
import { sumOfSquares } from '../engines/fused-adam-w.ts'

/** √Σ g² over every number of every gradient. */
export async function globalNorm(
  { heap }: Pick<Engine, 'heap'>,
  gradients: Iterable<tf.Tensor>,
): Promise<number> {
  if (heap) return Math.sqrt(sumOfSquares(heap, gradients))
  // Not addN: on WebGPU it binds every tensor at once, and a device allows about ten.
  const norm = tf.tidy(() => {
    const squares = [...gradients].map((g) => tf.sum(tf.square(g)))
    return tf.sqrt(squares.reduce((sum, square) => tf.add(sum, square)))
  })
  const [value] = await norm.data()
  norm.dispose()
  return value
}

/** Factor on every gradient so that its global norm is at most `limit`. The 1e-6 is PyTorch's. */
export function clipFactor(norm: number, limit: number): number {
  return Math.min(1, limit / (norm + 1e-6))
}
