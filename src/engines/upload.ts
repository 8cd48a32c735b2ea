// Typed arrays of a batch as tensors.

import * as tf from '@tensorflow/tfjs-core'
import type { BatchTensor } from '../periodic/tensors.ts'

export function uploadTensors(tensors: Readonly<Record<string, BatchTensor>>): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { data, dims }]) => [
      name,
      tf.tensor(data, [...dims], data instanceof Int32Array ? 'int32' : 'float32'),
    ]),
  )
}
