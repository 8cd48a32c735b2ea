// Operators of several tensors that broadcast: arithmetic, comparison, logic and choice. int32 and int64 wrap around;
// their division truncates, and by zero it is refused.

import { broadcast, spread } from './broadcast.ts'
import { type Call, fault, input, type Operator } from './call.ts'
import { type ElementType, moved, strides, type Tensor, tensor, zeros } from './tensor.ts'
import { walk } from './walk.ts'

type Combine = (a: number, b: number) => number
type Int64 = (a: bigint, b: bigint) => bigint
/** One row of a result: `length` elements from three places on, each array with its own step. */
type Loop = (
  to: Float64Array,
  a: Float64Array,
  b: Float64Array,
  length: number,
  starts: readonly number[],
  steps: readonly number[],
) => void

/** Whether the numbers are bigints is for `f` to know. */
const each =
  (f: Combine | Int64): Loop =>
  (to, a, b, length, [t, i, j], steps) => {
    const of = f as Combine
    for (let n = 0; n < length; n++, t += steps[0], i += steps[1], j += steps[2]) to[t] = of(a[i], b[j])
  }

// Most of a network is these four. Written out, they take an eighth of the time that a call for every element takes.
const sums: Loop = (to, a, b, length, [t, i, j], [st, si, sj]) => {
  for (let n = 0; n < length; n++, t += st, i += si, j += sj) to[t] = a[i] + b[j]
}
const differences: Loop = (to, a, b, length, [t, i, j], [st, si, sj]) => {
  for (let n = 0; n < length; n++, t += st, i += si, j += sj) to[t] = a[i] - b[j]
}
const products: Loop = (to, a, b, length, [t, i, j], [st, si, sj]) => {
  for (let n = 0; n < length; n++, t += st, i += si, j += sj) to[t] = a[i] * b[j]
}
const quotients: Loop = (to, a, b, length, [t, i, j], [st, si, sj]) => {
  for (let n = 0; n < length; n++, t += st, i += si, j += sj) to[t] = a[i] / b[j]
}

/** A tensor of type `type` from every pair of elements. */
function zipped(call: Call, a: Tensor, b: Tensor, type: ElementType, loop: Loop): Tensor {
  const dims = broadcast(call, a, b)
  const result = zeros(type, dims)
  const [to, left, right] = [result, a.data, b.data] as Float64Array[]
  walk(dims, [strides(dims), spread(a.dims, dims), spread(b.dims, dims)], (length, starts, steps) =>
    loop(to, left, right, length, starts, steps),
  )
  return tensor(type, dims, result)
}

/** Two inputs of the same type. */
function pair<T extends ElementType>(call: Call, ...types: T[]): readonly [Tensor<T>, Tensor<T>] {
  const a = input(call, 0, ...types)
  return [a, input(call, 1, a.type as T)]
}

/** Storing a number in an array of integers keeps its lowest bits: exact as long as float64 holds the result. */
const arithmetic =
  (float64: Loop, int32: Combine, int64: Int64): Operator =>
  (call) => {
    const [a, b] = pair(call, 'float64', 'int32', 'int64')
    return zipped(call, a, b, a.type, { float64, int32: each(int32), int64: each(int64) }[a.type])
  }

export const Add = arithmetic(
  sums,
  (a, b) => a + b,
  (a, b) => a + b,
)
export const Sub = arithmetic(
  differences,
  (a, b) => a - b,
  (a, b) => a - b,
)
export const Mul = arithmetic(products, Math.imul, (a, b) => a * b)
const divide = arithmetic(
  quotients,
  (a, b) => Math.trunc(a / b),
  (a, b) => a / b,
)

export const Div: Operator = (call) => {
  const { type, data } = input(call, 1)
  if (type !== 'float64' && (data as Int32Array).some((b) => Number(b) === 0)) {
    throw fault(call, `divides ${type} by 0`)
  }
  return divide(call)
}

/** C's pow, which differs from JavaScript's where the base is ±1. */
const power = each((a: number, b: number) =>
  a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b,
)

export const Pow: Operator = (call) => zipped(call, ...pair(call, 'float64'), 'float64', power)

/** a, times b where it is below 0. b broadcasts to a. */
export const PRelu: Operator = (call) =>
  zipped(
    call,
    ...pair(call, 'float64'),
    'float64',
    each((a: number, b: number) => (a < 0 ? a * b : a)),
  )

/** Of any number of tensors. @param beats of bigints, which Math.max does not take */
const extreme =
  (f: Combine, beats: (a: bigint, b: bigint) => boolean): Operator =>
  (call) => {
    const first: Tensor = input(call, 0, 'float64', 'int32', 'int64')
    const better: Int64 = (a, b) => (beats(a, b) ? a : b)
    return call.inputs
      .slice(1)
      .reduce<Tensor>(
        (best, _, i) =>
          zipped(
            call,
            best,
            input(call, i + 1, first.type),
            first.type,
            each(first.type === 'int64' ? better : f),
          ),
        first,
      )
  }

export const Max = extreme(Math.max, (a, b) => a > b)
export const Min = extreme(Math.min, (a, b) => a < b)

/** The operators of JavaScript compare bigints, too. */
const comparison =
  (holds: (a: number, b: number) => boolean): Operator =>
  (call) =>
    zipped(
      call,
      ...pair(call, 'float64', 'int32', 'int64'),
      'bool',
      each((a: number, b: number) => Number(holds(a, b))),
    )

export const Equal = comparison((a, b) => a === b)
export const Greater = comparison((a, b) => a > b)
export const GreaterOrEqual = comparison((a, b) => a >= b)
export const Less = comparison((a, b) => a < b)
export const LessOrEqual = comparison((a, b) => a <= b)

const both = each((a: number, b: number) => a & b)

export const And: Operator = (call) => zipped(call, ...pair(call, 'bool'), 'bool', both)

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
