// BatchMatMul of the wasm backend. The stock kernel is fast for one plain product only; a transposed or a batched one,
// and most gradients are one or the other, runs ten to thirty times slower. Ours takes every kind, and is twice as
// fast for plain products of a network's sizes.

import type { KernelOf } from './global.ts'
import { kernelsOf } from './kernels.ts'
import { allocate, memoryOf, offsetOf, type WasmBackend } from './wasm-heap.ts'

export const matmul: KernelOf<WasmBackend> = ({ inputs: { a, b }, attrs, backend }, stock) => {
  const batchA = batchOf(a.shape)
  const batchB = batchOf(b.shape)
  const broadcast = sizeOf(batchA) === 1 || sizeOf(batchB) === 1
  const float = a.dtype === 'float32' && b.dtype === 'float32'
  if (!float || !(broadcast || String(batchA) === String(batchB))) return stock()

  const [a0, a1] = a.shape.slice(-2)
  const [b0, b1] = b.shape.slice(-2)
  const [rows, inner] = attrs.transposeA ? [a1, a0] : [a0, a1]
  const columns = attrs.transposeB ? b0 : b1
  const out = allocate(backend, [...longer(batchA, batchB), rows, columns])
  const scratch = allocate(backend, [32 * (inner + 12) + (attrs.transposeA ? (rows + 11) * inner : 0)])
  kernelsOf(memoryOf(backend)).matmul(
    Math.max(sizeOf(batchA), sizeOf(batchB)),
    ...[rows, columns, inner],
    ...[Number(attrs.transposeA), Number(attrs.transposeB)],
    ...[sizeOf(batchA) === 1 ? 0 : a0 * a1, sizeOf(batchB) === 1 ? 0 : b0 * b1],
    ...[a, b, out, scratch].map((tensor) => offsetOf(backend, tensor)),
  )
  backend.disposeData(scratch.dataId)
  return out
}

function batchOf(shape: readonly number[]): readonly number[] {
  return shape.slice(0, -2)
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** The batch shape of the result when at most one of the two is more than one matrix. */
function longer(x: readonly number[], y: readonly number[]): readonly number[] {
  if (sizeOf(x) !== sizeOf(y)) return sizeOf(x) > sizeOf(y) ? x : y
  return x.length >= y.length ? x : y
}
