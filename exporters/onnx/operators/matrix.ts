// Matrix products, convolution and pooling. Images are [batch, channels, height, width], as ONNX has them.

import { ExportError } from '../../../src/errors.ts'
import { add, ceilDivide, equal, floorDivide, formatShape, multiply, type Size, subtract } from '../sizes.ts'
import {
  broadcast,
  expectDtype,
  type Infer,
  input,
  integers,
  type OperatorCall,
  sizesInput,
} from './operator.ts'

/** Both operands have at least two axes. */
function matMul(call: OperatorCall) {
  const [a, b] = [input(call, 0), input(call, 1)]
  for (const value of [a, b]) expectDtype(call, value, 'float32')
  const [m, k] = a.shape.slice(-2)
  const [l, n] = b.shape.slice(-2)
  if (a.shape.length < 2 || b.shape.length < 2 || !equal(k, l)) {
    throw new ExportError(
      `MatMul: ${formatShape(a.shape)} times ${formatShape(b.shape)} is no matrix product`,
    )
  }
  const batch = broadcast(call.op, a.shape.slice(0, -2), b.shape.slice(0, -2))
  return [{ dtype: a.dtype, shape: [...batch, m, n] }]
}

function conv(call: OperatorCall) {
  const [x, w] = [input(call, 0), input(call, 1)]
  for (const value of [x, w]) expectDtype(call, value, 'float32')
  const kernel = w.shape.slice(2) as number[]
  return [{ dtype: x.dtype, shape: [x.shape[0], w.shape[0], ...windows(call, x.shape.slice(2), kernel)] }]
}

function convTranspose(call: OperatorCall) {
  const [x, w] = [input(call, 0), input(call, 1)]
  for (const value of [x, w]) expectDtype(call, value, 'float32')
  const [strides, pads, beyond] = ['strides', 'pads', 'output_padding'].map((name) => integers(call, name))
  const sizes = (w.shape.slice(2) as number[]).map((kernel, i) =>
    add(
      multiply(add(x.shape[i + 2], -1), strides[i]),
      kernel - pads[i] - pads[i + beyond.length] + beyond[i],
    ),
  )
  return [{ dtype: x.dtype, shape: [x.shape[0], w.shape[1], ...sizes] }]
}

function pool(call: OperatorCall) {
  const x = input(call, 0)
  expectDtype(call, x, 'float32')
  const kernel = integers(call, 'kernel_shape')
  const shape = [x.shape[0], x.shape[1], ...windows(call, x.shape.slice(2), kernel)]
  // The attribute that says in which order places are counted says that they are asked for.
  if (call.attrs.storage_order === undefined) return [{ dtype: x.dtype, shape }]
  return [
    { dtype: x.dtype, shape },
    { dtype: 'int64' as const, shape },
  ]
}

/** How many windows fit along each image axis. With auto_pad, as many as there are steps. */
function windows(call: OperatorCall, sizes: readonly Size[], kernel: readonly number[]): Size[] {
  const { attrs } = call
  const strides = integers(call, 'strides')
  if (attrs.auto_pad) return sizes.map((size, i) => ceilDivide(size, strides[i]))
  const pads = integers(call, 'pads')
  const dilations = attrs.dilations ? integers(call, 'dilations') : kernel.map(() => 1)
  return sizes.map((size, i) => {
    const padding = pads[i] + pads[i + kernel.length]
    const room = subtract(add(size, padding), (kernel[i] - 1) * dilations[i] + 1)
    return add(floorDivide(room, strides[i]), 1)
  })
}

/** To the sizes of input 3; no region of interest, no scales. */
function resize(call: OperatorCall) {
  const x = input(call, 0)
  expectDtype(call, x, 'float32')
  return [{ dtype: x.dtype, shape: sizesInput(call, 3) }]
}

export const matrices: Readonly<Record<string, Infer>> = {
  AveragePool: pool,
  Conv: conv,
  ConvTranspose: convTranspose,
  MatMul: matMul,
  MaxPool: pool,
  Resize: resize,
}
