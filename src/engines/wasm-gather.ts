// Rows of a table by index (GatherV2 along axis 0) and its gradient (UnsortedSegmentSum) on the wasm backend. The stock
// gather takes 60 ms and more for 18,000 rows of 128; the segment sum does not exist there, so that the gradient of
// any gather fails.

import * as tf from '@tensorflow/tfjs-core'
import { TrainingError } from '../errors.ts'
import type { KernelOf } from './global.ts'
import { kernelsOf } from './kernels.ts'
import { allocate, int32View, memoryOf, offsetOf, type WasmBackend } from './wasm-heap.ts'

export const gatherRows: KernelOf<WasmBackend> = ({ inputs: { x, indices }, attrs, backend }, stock) => {
  const axis = (attrs.axis as number) ?? 0
  const plain = axis === 0 && !attrs.batchDims && indices.dtype === 'int32'
  const fourBytes = x.dtype === 'float32' || x.dtype === 'int32'
  return plain && fourBytes ? gather(x, indices, backend) : stock()
}

function gather(x: tf.TensorInfo, indices: tf.TensorInfo, backend: WasmBackend): tf.TensorInfo {
  const [count, ...rest] = x.shape
  const rows = tf.util.sizeFromShape(indices.shape)
  const outside = int32View(backend, indices, rows).find((index) => index < 0 || index >= count)
  if (outside !== undefined) throw new TrainingError(`gather: index ${outside} is not in 0 … ${count - 1}`)
  const out = allocate(backend, [...indices.shape, ...rest], x.dtype)
  const columns = tf.util.sizeFromShape(rest)
  const places = [x, indices, out].map((tensor) => offsetOf(backend, tensor))
  kernelsOf(memoryOf(backend)).gather_rows(rows, columns, ...places)
  return out
}

/** out[s] = Σ of the rows of x whose segment is s; rows of a negative segment are left out. */
export const segmentSum: KernelOf<WasmBackend> = ({ inputs: { x, segmentIds }, attrs, backend }) => {
  const segments = attrs.numSegments as number
  if (x.dtype !== 'float32') throw new TrainingError(`segment sum of ${x.dtype} on wasm: expected float32`)
  const [rows, ...rest] = x.shape
  const out = allocate(backend, [segments, ...rest])
  const places = [x, segmentIds, out].map((tensor) => offsetOf(backend, tensor))
  kernelsOf(memoryOf(backend)).scatter_add_rows(rows, tf.util.sizeFromShape(rest), segments, ...places)
  return out
}
