// Lowerings that users register: for kernels of their own, or instead of the exporter's.

import { LOWERINGS } from './index.ts'
import type { Lowering } from './lowering.ts'

const registered = new Map<string, Lowering>()

/**
 * Says how a kernel of TensorFlow.js is exported: one that `tf.registerKernel` added for the CPU backend, or any other,
 * instead of as the exporter does. The lowering makes ONNX nodes with the builder that it is given, of any operator:
 * `g.op` for those that the exporter knows, `g.foreign` for others.
 * @returns takes it back
 */
export function registerLowering(kernel: string, lowering: Lowering): () => void {
  const before = registered.get(kernel)
  registered.set(kernel, lowering)
  return () => {
    if (registered.get(kernel) !== lowering) return
    if (before) registered.set(kernel, before)
    else registered.delete(kernel)
  }
}

/** How a kernel is exported, or undefined where nobody knows. */
export const loweringOf = (kernel: string): Lowering | undefined =>
  registered.get(kernel) ?? LOWERINGS.get(kernel)
