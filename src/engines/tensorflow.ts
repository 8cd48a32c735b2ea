// TensorFlow through tfjs-node, without what tfjs-node 4.22.0 does in vain: a call into TensorFlow costs 10 to 40 µs, and
// a step of training makes hundreds that change nothing.

import { createRequire } from 'node:module'
import util from 'node:util'
// Not tfjs-core: its Node entry registers no gradients.
import * as tf from '@tensorflow/tfjs'
import { replaceKernel } from './replace.ts'

let replaced = false

/** Makes TensorFlow the current backend. @throws Error when the package is not there or does not start. */
export async function useTensorflow(packageName: '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu') {
  // tfjs-node 4.22.0 calls two functions that Node 23 removed.
  const legacy = util as unknown as Record<string, unknown>
  legacy.isNullOrUndefined ??= (x: unknown) => x === null || x === undefined
  legacy.isArray ??= Array.isArray
  // Without this TensorFlow tells of the processor's abilities at every start.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1'
  // From Ampere on, CUDA rounds the factors of float32 products to ten bits unless told not to.
  process.env.NVIDIA_TF32_OVERRIDE ??= '0'
  createRequire(import.meta.url)(packageName)
  if (!(await tf.setBackend('tensorflow'))) throw new Error('the tensorflow backend does not start')
  await tf.ready()
  if (replaced) return
  replaced = true
  replaceReshape()
  replaceCast()
  replaceStep()
}

/** Without a GPU that it can use, TensorFlow would train on the CPU and say nothing. */
export async function useTensorflowOnGpu(): Promise<void> {
  await useTensorflow('@tensorflow/tfjs-node-gpu')
  const { isUsingGpuDevice } = tf.backend() as tf.KernelBackend & { isUsingGpuDevice?: boolean }
  if (!isUsingGpuDevice) throw new Error('TensorFlow finds no GPU that it can use')
}

/** Every gradient of a sum or a product is reshaped, mostly to the shape that it has. */
function replaceReshape(): void {
  replaceKernel(
    'Reshape',
    (stock, { inputs: { x }, attrs }) =>
      tf.util.arraysEqual(x.shape, attrs.shape as number[]) ? same(x) : stock(),
    'tensorflow',
  )
}

function replaceCast(): void {
  replaceKernel(
    'Cast',
    (stock, { inputs: { x }, attrs }) => (x.dtype === attrs.dtype ? same(x) : stock()),
    'tensorflow',
  )
}

/** The slope of a rectifier. Two calls instead of seven, four of which make tensors of constants. */
function replaceStep(): void {
  replaceKernel(
    'Step',
    (stock, { inputs: { x }, attrs }) =>
      x.dtype === 'float32' && attrs.alpha === 0 ? tf.tidy(() => tf.sign(tf.relu(same(x)))) : stock(),
    'tensorflow',
  )
}

/** One more owner of the same numbers. */
function same(x: tf.TensorInfo): tf.Tensor {
  return tf.engine().runKernel('Identity', { x: x as tf.Tensor })
}
