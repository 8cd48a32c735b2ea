// The heap of tfjs-backend-wasm: its tensors lie where our kernels read and write, and nothing is copied. This relies on
// how version 4.22.0 keeps its data, which package.json pins; nothing else in the project may.

import * as tf from '@tensorflow/tfjs-core'
import { TrainingError } from '../errors.ts'
import type { Heap } from './heap.ts'

/** What is used of BackendWasm. */
export interface WasmBackend extends tf.KernelBackend {
  readonly wasm: {
    readonly asm: { readonly memory: WebAssembly.Memory }
    _malloc(bytes: number): number
  }
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo
  getMemoryOffset(dataId: object): number
  disposeData(dataId: object): boolean
  incRef(dataId: object): void
}

/** @throws TrainingError when the backend is not the pinned one. */
export function memoryOf(backend: WasmBackend): WebAssembly.Memory {
  const memory = backend.wasm.asm?.memory
  if (memory instanceof WebAssembly.Memory) return memory
  throw new TrainingError(
    'the installed @tensorflow/tfjs-backend-wasm keeps its memory elsewhere than version 4.22.0; install 4.22.0',
  )
}

export function wasmHeap(backend: WasmBackend): Heap {
  return {
    linear: memoryOf(backend),
    allocate: (shape, dtype) => tf.engine().makeTensorFromTensorInfo(allocate(backend, shape, dtype)),
    offsetOf: (tensor) => offsetOf(backend, tensor),
    keep: (bytes) => backend.wasm._malloc(bytes),
  }
}

/** Byte offset of a tensor's data. */
export function offsetOf(backend: WasmBackend, tensor: tf.TensorInfo): number {
  return backend.getMemoryOffset(tensor.dataId)
}

/** The int32 values of a tensor where they lie; valid until the next allocation. */
export function int32View(backend: WasmBackend, tensor: tf.TensorInfo, length: number): Int32Array {
  return new Int32Array(memoryOf(backend).buffer, offsetOf(backend, tensor), length)
}

/** The output of a kernel of the backend, its values not set. */
export function allocate(
  backend: WasmBackend,
  shape: readonly number[],
  dtype: tf.DataType = 'float32',
): tf.TensorInfo {
  return backend.makeOutput(shape, dtype)
}
