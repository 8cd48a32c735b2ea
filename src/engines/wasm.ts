// The wasm backend with our kernels: the default engine of training, installed with the package, no native code.

import * as tf from '@tensorflow/tfjs-core'
import { registerGather } from './wasm-gather.ts'
import { memoryOf, type WasmBackend } from './wasm-heap.ts'
import { replaceIdentity } from './wasm-identity.ts'
import { replaceMatmul } from './wasm-matmul.ts'

let registered = false

/** Makes wasm the current backend, ready, with our kernels in it. @throws TrainingError when its version is another. */
export async function useWasm(): Promise<void> {
  await import('@tensorflow/tfjs-backend-wasm')
  if (!(await tf.setBackend('wasm'))) throw new Error('WebAssembly could not be started')
  await tf.ready()
  memoryOf(tf.backend() as WasmBackend)
  if (registered) return
  registered = true
  replaceIdentity()
  replaceMatmul()
  registerGather()
}
