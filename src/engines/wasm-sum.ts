// Sum along leading axes on the wasm backend: the gradient of every bias. The stock kernel transposes its input first.

import * as tf from '@tensorflow/tfjs-core'
import type { KernelOf } from './global.ts'
import { kernelsOf } from './kernels.ts'
import { allocate, memoryOf, offsetOf, type WasmBackend } from './wasm-heap.ts'

export const sumRows: KernelOf<WasmBackend> = ({ inputs: { x }, attrs, backend }, stock) => {
  const axes = tf.util.parseAxisParam(attrs.axis as number[], x.shape)
  const leading = axes.length < x.shape.length && axes.every((axis, n) => axis === n)
  if (!leading || x.dtype !== 'float32') return stock()
  const rest = x.shape.slice(axes.length)
  const out = allocate(backend, attrs.keepDims ? [...axes.map(() => 1), ...rest] : rest)
  const [rows, columns] = [x.shape.slice(0, axes.length), rest].map((shape) => tf.util.sizeFromShape(shape))
  kernelsOf(memoryOf(backend)).sum_rows(rows, columns, offsetOf(backend, x), offsetOf(backend, out))
  return out
}
