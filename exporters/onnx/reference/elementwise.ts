// Operators of one float tensor, element by element. Formulas keep their digits where the plain one would lose them.

import { type Call, input, type Operator, optional, real } from './call.ts'
import { type Tensor, tensor } from './tensor.ts'

function mapped({ dims, data }: Tensor<'float64'>, f: (x: number) => number): Tensor {
  const result = new Float64Array(data.length)
  for (let n = 0; n < data.length; n++) result[n] = f(data[n])
  return tensor('float64', dims, result)
}

const unary =
  (f: (x: number) => number): Operator =>
  (call) =>
    mapped(input(call, 0, 'float64'), f)

export const Abs = unary(Math.abs)
export const Ceil = unary(Math.ceil)
export const Cos = unary(Math.cos)
export const Erf = unary(erf)
export const Exp = unary(Math.exp)
export const Floor = unary(Math.floor)
export const Log = unary(Math.log)
export const Neg = unary((x) => -x)
export const Reciprocal = unary((x) => 1 / x)
export const Relu = unary((x) => Math.max(x, 0))
export const Sigmoid = unary((x) => 1 / (1 + Math.exp(-x)))
export const Sin = unary(Math.sin)
export const Softplus = unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))))
export const Sqrt = unary(Math.sqrt)
export const Tanh = unary(Math.tanh)

export const Elu: Operator = (call) => {
  const alpha = real(call, 'alpha', 1)
  return mapped(input(call, 0, 'float64'), (x) => (x < 0 ? alpha * Math.expm1(x) : x))
}

export const LeakyRelu: Operator = (call) => {
  const alpha = real(call, 'alpha', 0.01)
  return mapped(input(call, 0, 'float64'), (x) => (x < 0 ? alpha * x : x))
}

export const Clip: Operator = (call) => {
  const [low, high] = [bound(call, 1) ?? Number.NEGATIVE_INFINITY, bound(call, 2) ?? Number.POSITIVE_INFINITY]
  return mapped(input(call, 0, 'float64'), (x) => Math.min(Math.max(x, low), high))
}

function bound(call: Call, i: number): number | undefined {
  return optional(call, i, 'float64')?.data[0]
}

/** From here on erf is ±1 in float64. */
const SATURATED = 6

/** 2/√π·e^(−x²)·Σ_n 2ⁿ·x^(2n+1)/(2n+1)!!, whose terms all have one sign. Abramowitz and Stegun, 7.1.6. */
function erf(x: number): number {
  // NaN, too, whose sum would never settle.
  if (!(Math.abs(x) < SATURATED)) return Math.sign(x)
  let [term, sum] = [x, x]
  for (let n = 1; sum + term !== sum; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}
