// Puts a kernel of ours in the place of one of a backend's. For that backend alone: every other backend, and every
// result but its speed, stays as it was. tfjs keeps its registry for the whole process, and so does this.

import * as tf from '@tensorflow/tfjs-core'
import type { WasmBackend } from './wasm-heap.ts'

export interface KernelCall {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>
  readonly attrs: tf.NamedAttrMap
  readonly backend: WasmBackend
}

/** Calls the stock kernel, by default with the inputs and attributes of this call. */
export type StockKernel = (inputs?: KernelCall['inputs'], attrs?: tf.NamedAttrMap) => tf.TensorInfo

/** `kernel` may still call the stock one, for what it does not do better. */
export function replaceKernel(
  kernelName: string,
  kernel: (stock: StockKernel, call: KernelCall) => tf.TensorInfo,
  backendName = 'wasm',
): void {
  // The stock kernel's set-up ran when the backend was made ready, so only its function is needed.
  const { kernelFunc } = tf.getKernel(kernelName, backendName)
  tf.unregisterKernel(kernelName, backendName)
  addKernel(
    kernelName,
    (call) => {
      const stock: StockKernel = (inputs = call.inputs, attrs = call.attrs) =>
        kernelFunc({ inputs, attrs, backend: call.backend }) as tf.TensorInfo
      return kernel(stock, call)
    },
    backendName,
  )
}

/** Registers a kernel that the backend does not have. */
export function addKernel(
  kernelName: string,
  kernel: (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[],
  backendName = 'wasm',
): void {
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: (params) => kernel(params as unknown as KernelCall),
  })
}
