// TensorFlow through tfjs-node, without what tfjs-node 4.22.0 does in vain: a call into TensorFlow costs 10 to 40 µs, and
// a step of training makes hundreds that change nothing.

import { createRequire } from 'node:module'
import util from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import { type KernelOf, type KernelsOf, makeCurrent } from './global.ts'
import type { Heap } from './heap.ts'
import { takeWasmKernels } from './kernels.ts'
import { takeNativeKernels } from './native.ts'
import { heapBeside, identityBesideHeap } from './own-heap.ts'

export interface TensorflowBackend extends tf.KernelBackend {
  readonly isUsingGpuDevice: boolean
}

/** Makes TensorFlow the current backend. @throws Error when the package is not there or does not start. */
export async function useTensorflow(
  packageName: '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu',
): Promise<TensorflowBackend> {
  // tfjs-node 4.22.0 calls two functions that Node 23 removed.
  const legacy = util as unknown as Record<string, unknown>
  legacy.isNullOrUndefined ??= (x: unknown) => x === null || x === undefined
  legacy.isArray ??= Array.isArray
  // Without this TensorFlow tells of the processor's abilities at every start.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1'
  // From Ampere on, CUDA rounds the factors of float32 products to ten bits unless told not to.
  process.env.NVIDIA_TF32_OVERRIDE ??= '0'
  createRequire(import.meta.url)(packageName)
  return makeCurrent<TensorflowBackend>('tensorflow', KERNELS)
}

/** The heap of our kernels beside TensorFlow; none on a GPU, where the numbers are on the device. */
export async function heapOf(backend: TensorflowBackend): Promise<Heap | undefined> {
  if (backend.isUsingGpuDevice) return undefined
  const heap = heapBeside(backend)
  try {
    takeNativeKernels(heap)
  } catch {
    await takeWasmKernels(heap)
  }
  return heap
}

/** Without a GPU that it can use, TensorFlow would train on the CPU and say nothing. */
export async function useTensorflowOnGpu(): Promise<void> {
  const { isUsingGpuDevice } = await useTensorflow('@tensorflow/tfjs-node-gpu')
  if (!isUsingGpuDevice) throw new Error('TensorFlow finds no GPU that it can use')
}

/** Every gradient of a sum or a product is reshaped, mostly to the shape that it has. */
const reshape: KernelOf<TensorflowBackend> = ({ inputs: { x }, attrs }, stock) =>
  tf.util.arraysEqual(x.shape, attrs.shape as number[]) ? same(x) : stock()

const cast: KernelOf<TensorflowBackend> = ({ inputs: { x }, attrs }, stock) =>
  x.dtype === attrs.dtype ? same(x) : stock()

/** The slope of a rectifier. Two calls instead of seven, four of which make tensors of constants. */
const step: KernelOf<TensorflowBackend> = ({ inputs: { x }, attrs }, stock) =>
  x.dtype === 'float32' && attrs.alpha === 0 ? tf.tidy(() => tf.sign(tf.relu(same(x)))) : stock()

const KERNELS: KernelsOf<TensorflowBackend> = {
  Reshape: reshape,
  Cast: cast,
  Step: step,
  Identity: identityBesideHeap,
}

/** One more owner of the same numbers. */
function same(x: tf.TensorInfo): tf.Tensor {
  return tf.engine().runKernel('Identity', { x: x as tf.Tensor })
}
