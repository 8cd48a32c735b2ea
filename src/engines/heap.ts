// Where our kernels (kernels.ts) find the numbers of tensors: a memory of WebAssembly. With tfjs-backend-wasm it is the
// heap of that backend (wasm-heap.ts); with TensorFlow on the CPU it is one of our own (own-heap.ts).

import type * as tf from '@tensorflow/tfjs-core'

export interface Heap {
  readonly linear: WebAssembly.Memory
  /** A new tensor on the heap, its values not set. */
  readonly allocate: (shape: readonly number[], dtype?: 'float32' | 'int32') => tf.Tensor
  /** Byte offset of a tensor's data, which stays the same until another operation of tfjs takes the tensor. */
  readonly offsetOf: (tensor: tf.Tensor) => number
  /** Byte offset of so many bytes that are never given back. */
  readonly keep: (bytes: number) => number
}
