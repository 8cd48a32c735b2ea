// The wasm backend with our kernels: the default of training, installed with the package, no native code.

import { type KernelsOf, makeCurrent } from './global.ts'
import type { Heap } from './heap.ts'
import { takeNativeKernels, takeWasmKernels } from './kernels.ts'
import { gatherRows, segmentSum } from './wasm-gather.ts'
import { type WasmBackend, wasmHeap } from './wasm-heap.ts'
import { shareNumbers } from './wasm-identity.ts'
import { matmul } from './wasm-matmul.ts'
import { sumRows } from './wasm-sum.ts'

const KERNELS: KernelsOf<WasmBackend> = {
  Identity: shareNumbers,
  BatchMatMul: matmul,
  GatherV2: gatherRows,
  UnsortedSegmentSum: segmentSum,
  Sum: sumRows,
}

/** Makes wasm the current backend, with our kernels in it. @throws TrainingError when its version is another. */
export async function useWasm(): Promise<Heap> {
  const heap = await current()
  await takeWasmKernels(heap)
  return heap
}

/** The same with our kernels in native code. @throws Error where there is none for this machine */
export async function useNative(): Promise<Heap> {
  const heap = await current()
  await takeNativeKernels(heap)
  return heap
}

async function current(): Promise<Heap> {
  await import('@tensorflow/tfjs-backend-wasm')
  return wasmHeap(await makeCurrent<WasmBackend>('wasm', KERNELS))
}
