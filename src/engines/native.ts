// The wasm backend with our kernels in native code, for Node on the machines that there is an addon for.

import { trainingAddon } from './addon.ts'
import type { Heap } from './heap.ts'
import { KERNEL_NAMES, type Kernels } from './kernel-names.ts'
import { takeKernels } from './kernels.ts'
import { currentHeap } from './wasm.ts'

/** Makes wasm the current backend, with our kernels as native code in it. @throws Error where there is none for this machine */
export async function useNative(): Promise<Heap> {
  const heap = await currentHeap()
  takeNativeKernels(heap)
  return heap
}

/** Takes native code. @throws Error where there is none for this machine */
export function takeNativeKernels(heap: Pick<Heap, 'linear'>): void {
  const addon = trainingAddon()
  if (typeof addon === 'string') throw new Error(addon)
  const kernels = KERNEL_NAMES.map(
    (name) => [name, (...of: number[]) => addon[name](heap.linear.buffer, ...of)] as const,
  )
  takeKernels(heap, Object.fromEntries(kernels) as Kernels)
}
