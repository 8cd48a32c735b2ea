// Backends that are optional peers: whether one starts on this machine, for tests that need it, and the way of a GPU on
// machines without one.

import * as tf from '@tensorflow/tfjs'
import { type BackendName, selectBackend } from '../../src/engines/select.ts'

/** TensorFlow on the CPU, told that it is on a GPU: our kernels then leave everything to TensorFlow. */
export const LIKE_A_GPU = 'tensorflow like a GPU'
export type TestedBackend = BackendName | typeof LIKE_A_GPU

/** Undefined when the backend starts, else why it does not. */
export async function whyNot(name: TestedBackend): Promise<string | undefined> {
  return startBackend(name).then(
    () => undefined,
    (error: Error) => error.message.split(';')[0],
  )
}

export async function startBackend(name: TestedBackend): Promise<void> {
  await selectBackend(name === LIKE_A_GPU ? 'tensorflow' : name)
  if (name === 'tensorflow' || name === LIKE_A_GPU) {
    Object.assign(tf.backend(), { isUsingGpuDevice: name === LIKE_A_GPU })
  }
}
