// Operators that work on each element by itself.

import { ExportError } from '../../../src/errors.ts'
import { formatShape, sameShape } from '../sizes.ts'
import type { DType } from '../values.ts'
import { broadcast, expectDtype, type Infer, input, type OperatorCall } from './operator.ts'

const unary =
  (...dtypes: DType[]): Infer =>
  (call) => {
    const x = input(call, 0)
    expectDtype(call, x, ...dtypes)
    return [x]
  }

const binary =
  (dtypes: readonly DType[], result?: DType): Infer =>
  (call) => {
    const [a, b] = [input(call, 0), input(call, 1)]
    expectDtype(call, a, ...dtypes)
    expectDtype(call, b, a.dtype)
    return [{ dtype: result ?? a.dtype, shape: broadcast(call.op, a.shape, b.shape) }]
  }

/** The slopes broadcast to what they are slopes of. */
function prelu(call: OperatorCall) {
  const [x, slope] = [input(call, 0), input(call, 1)]
  expectDtype(call, x, 'float32')
  expectDtype(call, slope, 'float32')
  if (sameShape(broadcast(call.op, x.shape, slope.shape), x.shape)) return [x]
  throw new ExportError(`PRelu: ${formatShape(slope.shape)} does not broadcast to ${formatShape(x.shape)}`)
}

function where(call: OperatorCall) {
  const [condition, a, b] = [input(call, 0), input(call, 1), input(call, 2)]
  expectDtype(call, condition, 'bool')
  expectDtype(call, b, a.dtype)
  return [{ dtype: a.dtype, shape: broadcast(call.op, condition.shape, a.shape, b.shape) }]
}

function cast(call: OperatorCall) {
  const { to } = call.attrs
  if (to !== 'float32' && to !== 'int32' && to !== 'bool' && to !== 'int64') {
    throw new ExportError(`Cast to ${to} is no type that is exported`)
  }
  return [{ dtype: to as DType, shape: input(call, 0).shape }]
}

const float = unary('float32')
const any = unary('float32', 'int32', 'bool', 'int64')
const arithmetic = binary(['float32', 'int32', 'int64'])
const comparison = binary(['float32', 'int32'], 'bool')
const logical = binary(['bool'])

export const elementwise: Readonly<Record<string, Infer>> = {
  Abs: float,
  Ceil: float,
  Clip: float,
  Cos: float,
  Elu: float,
  Erf: float,
  Exp: float,
  Floor: float,
  Identity: any,
  LeakyRelu: float,
  Log: float,
  Neg: float,
  Not: unary('bool'),
  Reciprocal: float,
  Relu: float,
  Sigmoid: float,
  Sin: float,
  Softplus: float,
  Sqrt: float,
  Tanh: float,
  Add: arithmetic,
  Div: arithmetic,
  Max: binary(['float32', 'int32']),
  Min: binary(['float32', 'int32']),
  Mul: arithmetic,
  PRelu: prelu,
  Pow: binary(['float32']),
  Sub: arithmetic,
  And: logical,
  Equal: comparison,
  Greater: comparison,
  GreaterOrEqual: comparison,
  Less: comparison,
  LessOrEqual: comparison,
  Cast: cast,
  Where: where,
}
