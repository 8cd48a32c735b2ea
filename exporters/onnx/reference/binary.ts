// Operators of several tensors that broadcast: arithmetic, comparison, logic and choice. int32 and int64 wrap around;
// their division truncates, and by zero it is refused.

import { broadcast, spread } from './broadcast.ts'
import { type Call, fault, input, type Operator } from './call.ts'
import { type ElementType, moved, strides, type Tensor, tensor, zeros } from './tensor.ts'
import { walk } from './walk.ts'

type Float = (a: number, b: number) => number
type Int64 = (a: bigint, b: bigint) => bigint

/** f of every pair of elements, in numbers of type `type`. Whether they are bigints is for `f` to know. */
function zipped(call: Call, a: Tensor, b: Tensor, type: ElementType, f: Float | Int64): Tensor {
  const dims = broadcast(call, a, b)
  const result = zeros(type, dims)
  const [to, left, right] = [result, a.data, b.data] as Float64Array[]
  const of = f as Float
  walk(dims, [strides(dims), spread(a.dims, dims), spread(b.dims, dims)], (length, starts, steps) => {
    let [t, i, j] = starts
    for (let n = 0; n < length; n++, t += steps[0], i += steps[1], j += steps[2])
      to[t] = of(left[i], right[j])
  })
  return tensor(type, dims, result)
}

/** Two inputs of the same type. */
function pair<T extends ElementType>(call: Call, ...types: T[]): readonly [Tensor<T>, Tensor<T>] {
  const a = input(call, 0, ...types)
  return [a, input(call, 1, a.type as T)]
}

/** Storing a number in an array of integers keeps its lowest bits: exact as long as float64 holds the result. */
const arithmetic =
  (float: Float, int64: Int64, int32: Float = float): Operator =>
  (call) => {
    const [a, b] = pair(call, 'float64', 'int32', 'int64')
    return zipped(call, a, b, a.type, { float64: float, int32, int64 }[a.type])
  }

export const Add = arithmetic(
  (a, b) => a + b,
  (a, b) => a + b,
)
export const Sub = arithmetic(
  (a, b) => a - b,
  (a, b) => a - b,
)
export const Mul = arithmetic(
  (a, b) => a * b,
  (a, b) => a * b,
  Math.imul,
)

const divide = arithmetic(
  (a, b) => a / b,
  (a, b) => a / b,
  (a, b) => Math.trunc(a / b),
)

export const Div: Operator = (call) => {
  const { type, data } = input(call, 1)
  if (type !== 'float64' && (data as Int32Array).some((b) => Number(b) === 0)) {
    throw fault(call, `divides ${type} by 0`)
  }
  return divide(call)
}

/** C's pow, which differs from JavaScript's where the base is ±1. */
export const Pow: Operator = (call) =>
  zipped(call, ...pair(call, 'float64'), 'float64', (a: number, b: number) =>
    a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b,
  )

/** Of any number of tensors. */
const extreme =
  (f: Float): Operator =>
  (call) => {
    const first: Tensor = input(call, 0, 'float64', 'int32')
    return call.inputs
      .slice(1)
      .reduce<Tensor>(
        (best, _, i) => zipped(call, best, input(call, i + 1, first.type), first.type, f),
        first,
      )
  }

export const Max = extreme(Math.max)
export const Min = extreme(Math.min)

/** The operators of JavaScript compare bigints, too. */
const comparison =
  (holds: (a: number, b: number) => boolean): Operator =>
  (call) =>
    zipped(call, ...pair(call, 'float64', 'int32', 'int64'), 'bool', (a: number, b: number) =>
      Number(holds(a, b)),
    )

export const Equal = comparison((a, b) => a === b)
export const Greater = comparison((a, b) => a > b)
export const GreaterOrEqual = comparison((a, b) => a >= b)
export const Less = comparison((a, b) => a < b)
export const LessOrEqual = comparison((a, b) => a <= b)

export const And: Operator = (call) =>
  zipped(call, ...pair(call, 'bool'), 'bool', (a: number, b: number) => a & b)

export const Not: Operator = (call) => {
  const { dims, data } = input(call, 0, 'bool')
  return tensor(
    'bool',
    dims,
    data.map((x) => 1 - x),
  )
}

export const Where: Operator = (call) => {
  const condition = input(call, 0, 'bool')
  const yes = input(call, 1)
  const no = input(call, 2, yes.type)
  const dims = broadcast(call, condition, yes, no)
  const layouts = [strides(dims), ...[condition, yes, no].map((value) => spread(value.dims, dims))]
  return moved(yes, dims, (to, from) => {
    const other = no.data as Float64Array
    walk(dims, layouts, (length, starts, steps) => {
      let [t, c, i, j] = starts
      for (let n = 0; n < length; n++, t += steps[0], c += steps[1], i += steps[2], j += steps[3]) {
        to[t] = condition.data[c] ? from[i] : other[j]
      }
    })
  })
}
