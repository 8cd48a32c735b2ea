// The wasm backend with our kernels: the default of training, installed with the package, no native code.

import { type KernelsOf, makeCurrent } from './global.ts'
import type { Heap } from './heap.ts'
import { takeWasmKernels } from './kernels.ts'
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
  const heap = await currentHeap()
  await takeWasmKernels(heap)
  return heap
}

/** The same before it has kernels for all that the backend cannot do. */
export async function currentHeap(): Promise<Heap> {
  await import('@tensorflow/tfjs-backend-wasm')
  return wasmHeap(await makeCurrent<WasmBackend>('wasm', KERNELS))
}
