// Where our kernels (assembly/) find the numbers of tensors: a memory of WebAssembly. With tfjs-backend-wasm it is the
// heap of that backend (wasm-heap.ts); with TensorFlow on the CPU it is one of our own (own-heap.ts).

import type * as tf from '@tensorflow/tfjs-core'
import { KERNELS } from './generated/kernels.ts'

export interface Heap {
  readonly linear: WebAssembly.Memory
  /** A new tensor on the heap, its values not set. */
  readonly allocate: (shape: readonly number[], dtype?: 'float32' | 'int32') => tf.Tensor
  /** Byte offset of a tensor's data, which stays the same until another operation of tfjs takes the tensor. */
  readonly offsetOf: (tensor: tf.Tensor) => number
}

/** A kernel takes heap offsets in bytes and plain numbers; the order is that of its source in assembly/. */
type Kernel = (...args: number[]) => number | undefined
export type KernelName =
  | 'adamW'
  | 'bestDirections'
  | 'directionMeans'
  | 'framesOf'
  | 'gatherRows'
  | 'matmul'
  | 'profileBackward'
  | 'profileForward'
  | 'radialBasis'
  | 'scatterAddRows'
  | 'sumOfSquares'
  | 'sumsOfProducts'
  | 'valuesBackward'
  | 'valuesForward'
  | 'weightsBackward'
  | 'weightsForward'

let compiled: WebAssembly.Module | undefined
const instances = new WeakMap<WebAssembly.Memory, Readonly<Record<KernelName, Kernel>>>()

/** The kernels, working on this memory. */
export function kernelsOf(memory: WebAssembly.Memory): Readonly<Record<KernelName, Kernel>> {
  let kernels = instances.get(memory)
  if (!kernels) {
    compiled ??= new WebAssembly.Module(Buffer.from(KERNELS, 'base64'))
    const instance = new WebAssembly.Instance(compiled, { env: { memory } })
    kernels = instance.exports as Record<KernelName, Kernel>
    instances.set(memory, kernels)
  }
  return kernels
}

/**
 * Runs a kernel whose arguments are numbers, inputs, outputs and `scratch` floats of its own, in this order. The
 * outputs are new tensors of the given shapes.
 */
export function run<K extends string>(
  heap: Heap,
  name: KernelName,
  numbers: readonly number[],
  inputs: readonly tf.Tensor[],
  shapes: Readonly<Record<K, readonly number[]>>,
  scratch: number,
): Record<K, tf.Tensor> {
  const outputs = Object.entries<readonly number[]>(shapes).map(
    ([key, shape]) => [key, heap.allocate(shape)] as const,
  )
  const own = heap.allocate([scratch])
  const places = [...inputs, ...outputs.map(([, tensor]) => tensor), own].map((x) => heap.offsetOf(x))
  kernelsOf(heap.linear)[name](...numbers, ...places)
  own.dispose()
  return Object.fromEntries(outputs) as Record<K, tf.Tensor>
}
