// Tensors of tfjs-backend-wasm as places on its heap, and the kernels of assembly/ bound to that heap. This relies on
// how version 4.22.0 keeps its data, which package.json pins; nothing else in the project may.

import * as tf from '@tensorflow/tfjs-core'
import { TrainingError } from '../../errors.ts'
import { KERNELS } from './generated/kernels.ts'

/** What is used of BackendWasm. */
export interface WasmBackend extends tf.KernelBackend {
  readonly wasm: { readonly asm: { readonly memory: WebAssembly.Memory } }
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo
  getMemoryOffset(dataId: object): number
  disposeData(dataId: object): boolean
  incRef(dataId: object): void
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

/** The kernels, working on the heap of this backend. @throws TrainingError when the backend is not the pinned one. */
export function kernelsOf(backend: WasmBackend): Readonly<Record<KernelName, Kernel>> {
  const memory = backend.wasm.asm?.memory
  if (!(memory instanceof WebAssembly.Memory)) {
    throw new TrainingError(
      'the installed @tensorflow/tfjs-backend-wasm keeps its memory elsewhere than version 4.22.0; install 4.22.0',
    )
  }
  let kernels = instances.get(memory)
  if (!kernels) {
    compiled ??= new WebAssembly.Module(Buffer.from(KERNELS, 'base64'))
    const instance = new WebAssembly.Instance(compiled, { env: { memory } })
    kernels = instance.exports as Record<KernelName, Kernel>
    instances.set(memory, kernels)
  }
  return kernels
}

/** Byte offset of a tensor's data. */
export function offsetOf(backend: WasmBackend, tensor: tf.TensorInfo): number {
  return backend.getMemoryOffset(tensor.dataId)
}

/** The int32 values of a tensor where they lie; valid until the next allocation. */
export function int32View(backend: WasmBackend, tensor: tf.TensorInfo, length: number): Int32Array {
  return new Int32Array(backend.wasm.asm.memory.buffer, offsetOf(backend, tensor), length)
}

/** A new tensor on the heap, its values not set. */
export function allocate(
  backend: WasmBackend,
  shape: readonly number[],
  dtype: tf.DataType = 'float32',
): tf.TensorInfo {
  return backend.makeOutput(shape, dtype)
}

/**
 * Runs a kernel whose arguments are numbers, inputs, outputs and `scratch` floats of its own, in this order. The
 * outputs are new tensors of the given shapes.
 */
export function run<K extends string>(
  name: KernelName,
  numbers: readonly number[],
  inputs: readonly tf.TensorInfo[],
  shapes: Readonly<Record<K, readonly number[]>>,
  scratch: number,
): Record<K, tf.Tensor> {
  const engine = tf.engine()
  const backend = engine.backend as WasmBackend
  const outputs = Object.entries<readonly number[]>(shapes).map(
    ([key, shape]) => [key, allocate(backend, shape)] as const,
  )
  const own = allocate(backend, [scratch])
  const places = [...inputs, ...outputs.map(([, info]) => info), own].map((x) => offsetOf(backend, x))
  kernelsOf(backend)[name](...numbers, ...places)
  backend.disposeData(own.dataId)
  return Object.fromEntries(
    outputs.map(([key, info]) => [key, engine.makeTensorFromTensorInfo(info)]),
  ) as Record<K, tf.Tensor>
}
