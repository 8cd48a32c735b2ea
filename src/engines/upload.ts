// Typed arrays of a batch as tensors, and how much memory they take.

import * as tf from '@tensorflow/tfjs-core'
import type { BatchTensor } from '../periodic/types.ts'

export function uploadTensors(tensors: Readonly<Record<string, BatchTensor>>): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { data, dims }]) => [
      name,
      tf.tensor(data, [...dims], data instanceof Int32Array ? 'int32' : 'float32'),
    ]),
  )
}

/** Bytes of the typed arrays in a tree of objects. */
export function bytesOf(value: object): number {
  return Object.values(value).reduce((sum: number, part: unknown) => {
    if (ArrayBuffer.isView(part)) return sum + part.byteLength
    return typeof part === 'object' && part !== null ? sum + bytesOf(part) : sum
  }, 0)
}
