// Weights and batches as tfjs tensors, for as long as a function needs them.

import * as tf from '@tensorflow/tfjs-core'
import type { Parameters } from '../../models/network.ts'
import type { Weights } from '../../models/safetensors.ts'
import type { Batch } from '../../src/periodic/tensors.ts'

/** Runs `fn` with the weights as tensors and disposes them afterwards. */
export async function withParameters<T>(
  weights: Weights,
  fn: (parameters: Parameters) => T | Promise<T>,
): Promise<T> {
  // Without this the cpu backend prints an advertisement to the console.
  tf.enableProdMode()
  // The caller's backend may be one that starts asynchronously.
  await tf.ready()
  const parameters = Object.fromEntries(
    [...weights].map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape], 'float32')]),
  )
  try {
    return await fn(parameters)
  } finally {
    tf.dispose(parameters)
  }
}

/** The tensors of a batch by name; the caller disposes them. */
export function batchTensors(batch: Batch): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(batch.tensors).map(([name, { data, dims }]) => [
      name,
      tf.tensor(data, [...dims], data instanceof Int32Array ? 'int32' : 'float32'),
    ]),
  )
}
