// Operators that work along axes: reductions, softmax, running sums, the largest entries.

import {
  axisOf,
  expectDtype,
  type Infer,
  input,
  integer,
  integers,
  type OperatorCall,
  sizesInput,
} from './operator.ts'

/** `axes` is an attribute here for every opset; the writer turns it into an input where ONNX wants that. */
function reduce(call: OperatorCall) {
  const x = input(call, 0)
  expectDtype(call, x, 'float32', 'int32')
  const axes = integers(call, 'axes').map((axis) => axisOf(call, axis, x.shape.length))
  const shape = call.attrs.keepdims
    ? x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : x.shape.filter((_, axis) => !axes.includes(axis))
  return [{ dtype: x.dtype, shape }]
}

function arg(call: OperatorCall) {
  const x = input(call, 0)
  expectDtype(call, x, 'float32', 'int32')
  const axis = axisOf(call, integer(call, 'axis'), x.shape.length)
  return [{ dtype: 'int64' as const, shape: x.shape.filter((_, i) => i !== axis) }]
}

function alongAxis(call: OperatorCall) {
  const x = input(call, 0)
  expectDtype(call, x, 'float32')
  axisOf(call, integer(call, 'axis'), x.shape.length)
  return [x]
}

function cumSum(call: OperatorCall) {
  const x = input(call, 0)
  expectDtype(call, x, 'float32', 'int32')
  expectDtype(call, input(call, 1), 'int32')
  return [x]
}

function topK(call: OperatorCall) {
  const x = input(call, 0)
  expectDtype(call, x, 'float32', 'int32')
  const [k] = sizesInput(call, 1)
  const axis = axisOf(call, integer(call, 'axis'), x.shape.length)
  const shape = x.shape.map((size, i) => (i === axis ? k : size))
  return [
    { dtype: x.dtype, shape },
    { dtype: 'int64' as const, shape },
  ]
}

export const reductions: Readonly<Record<string, Infer>> = {
  ArgMax: arg,
  ArgMin: arg,
  CumSum: cumSum,
  LayerNormalization: alongAxis,
  ReduceMax: reduce,
  ReduceMean: reduce,
  ReduceMin: reduce,
  ReduceProd: reduce,
  ReduceSum: reduce,
  Softmax: alongAxis,
  TopK: topK,
}
