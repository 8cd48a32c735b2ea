// The kernels of source/, on the memory of a heap: in WebAssembly everywhere, as native code in Node where there is an addon
// for the machine. Of a memory's two kinds those count that were taken last.

import type * as tf from '@tensorflow/tfjs-core'
import { fromHex } from '../math/hex.ts'
import type { Heap } from './heap.ts'
import type { KernelName, Kernels } from './kernel-names.ts'

/** Bytes for the stack of the kernels in WebAssembly: no function takes a kilobyte of it, and none calls itself. */
const STACK = 16_384
const STACK_ALIGNMENT = 16

const taken = new WeakMap<WebAssembly.Memory, Kernels>()
const inWasm = new WeakMap<WebAssembly.Memory, Kernels>()

/** The kernels on this memory. */
export function kernelsOf(memory: WebAssembly.Memory): Kernels {
  return taken.get(memory)!
}

/** Takes the kernels in WebAssembly. @throws Error where it has no SIMD */
export async function takeWasmKernels(heap: Pick<Heap, 'linear' | 'keep'>): Promise<void> {
  let kernels = inWasm.get(heap.linear)
  if (!kernels) {
    const { MODULE } = await import('./generated/simd.ts')
    const bytes = fromHex(MODULE)
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory: heap.linear } })
    const { __stack_pointer, ...functions } = instance.exports
    // Compilers take its alignment for granted (WebAssembly's tool conventions, basic C ABI).
    ;(__stack_pointer as WebAssembly.Global).value = (heap.keep(STACK) + STACK) & -STACK_ALIGNMENT
    kernels = functions as Kernels
    inWasm.set(heap.linear, kernels)
  }
  taken.set(heap.linear, kernels)
}

/** Takes other code for these kernels. */
export function takeKernels({ linear }: Pick<Heap, 'linear'>, kernels: Kernels): void {
  taken.set(linear, kernels)
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
