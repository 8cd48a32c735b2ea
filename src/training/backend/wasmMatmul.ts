// BatchMatMul of the wasm backend. The stock kernel is fast for one plain product only (XNNPACK); a transposed or a
// batched product, and most gradients are one or the other, runs ten to thirty times slower. Here a transposed operand
// of one product is copied first, and batches go to our own kernel.

import * as tf from '@tensorflow/tfjs-core'
import { allocate, kernelsOf, offsetOf, type WasmBackend } from './heap.ts'
import { replaceKernel, type StockKernel } from './replace.ts'

interface Operand {
  readonly info: tf.TensorInfo
  readonly transposed: boolean
  readonly batch: number
}

export function replaceMatmul(): void {
  replaceKernel('BatchMatMul', (stock, { inputs, attrs, backend }) => {
    const a = operand(inputs.a, attrs.transposeA)
    const b = operand(inputs.b, attrs.transposeB)
    if (a.info.dtype !== 'float32' || b.info.dtype !== 'float32') return stock()
    if (a.batch === 1 && b.batch === 1) return single(stock, a, b, backend)
    if (a.batch !== b.batch && a.batch !== 1 && b.batch !== 1) return stock()
    if (a.batch === b.batch && String(a.info.shape.slice(0, -2)) !== String(b.info.shape.slice(0, -2))) {
      return stock()
    }
    return batched(a, b, backend)
  })
}

function operand(info: tf.TensorInfo, transposed: unknown): Operand {
  const batch = info.shape.slice(0, -2).reduce((product, size) => product * size, 1)
  return { info, transposed: Boolean(transposed), batch }
}

/** One product: transposed operands are copied the right way round, then XNNPACK. */
function single(stock: StockKernel, a: Operand, b: Operand, backend: WasmBackend): tf.TensorInfo {
  if (!a.transposed && !b.transposed) return stock()
  const plainA = a.transposed ? transposedCopy(a.info, backend) : a.info
  const plainB = b.transposed ? transposedCopy(b.info, backend) : b.info
  const out = stock({ a: plainA, b: plainB }, { transposeA: false, transposeB: false })
  if (plainA !== a.info) backend.disposeData(plainA.dataId)
  if (plainB !== b.info) backend.disposeData(plainB.dataId)
  return out
}

function transposedCopy(x: tf.TensorInfo, backend: WasmBackend): tf.TensorInfo {
  const rank = x.shape.length
  const perm = x.shape.map((_, axis) => axis)
  perm[rank - 2] = rank - 1
  perm[rank - 1] = rank - 2
  const transpose = tf.getKernel('Transpose', 'wasm').kernelFunc
  return transpose({ inputs: { x }, attrs: { perm }, backend }) as tf.TensorInfo
}

function batched(a: Operand, b: Operand, backend: WasmBackend): tf.TensorInfo {
  const [a0, a1] = a.info.shape.slice(-2)
  const [b0, b1] = b.info.shape.slice(-2)
  const [rows, inner] = a.transposed ? [a1, a0] : [a0, a1]
  const columns = b.transposed ? b0 : b1
  const batchShape = (a.batch === 1 ? b : a).info.shape.slice(0, -2)
  const out = allocate(backend, [...batchShape, rows, columns])
  kernelsOf(backend).matmul(
    offsetOf(backend, a.info),
    offsetOf(backend, b.info),
    offsetOf(backend, out),
    Math.max(a.batch, b.batch),
    rows,
    columns,
    inner,
    Number(a.transposed),
    Number(b.transposed),
    a.batch === 1 ? 0 : a0 * a1,
    b.batch === 1 ? 0 : b0 * b1,
  )
  return out
}
