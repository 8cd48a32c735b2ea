// Reductions over axes. The axes are an attribute or an input, as the operator set of the file has it.

import { axesOf, axisOf, type Call, fault, input, integer, integers, type Operator, wholes } from './call.ts'
import { around, count, type Data, describe, strides, type Tensor, tensor, zeros } from './tensor.ts'
import { walk } from './walk.ts'

type Combine = (total: number, x: number) => number

const LEAST_INT32 = -(2 ** 31)

/** The axes to reduce over: all of them where none are named, unless the node says that this means none. */
function reducedAxes(call: Call, rank: number): number[] {
  const keepsAll = integer(call, 'noop_with_empty_axes', 0) === 1
  const axes = integers(call, 'axes') ?? (call.inputs[1] ? wholes(call, 1) : [])
  if (axes.length > 0 || keepsAll) return axesOf(call, axes, rank)
  return Array.from({ length: rank }, (_, axis) => axis)
}

/** Results are stored as they grow, so that sums and products of int32 wrap at every step. */
function reduce<T extends 'float64' | 'int32'>(
  call: Call,
  x: Tensor<T>,
  start: number,
  combine: Combine,
): Tensor<T> {
  const axes = reducedAxes(call, x.dims.length)
  const keeps = integer(call, 'keepdims', 1) === 1
  const kept = x.dims.map((size, axis) => (axes.includes(axis) ? 1 : size))
  const result = zeros(x.type as T, kept).fill(start) as Float64Array
  const to = strides(kept).map((step, axis) => (axes.includes(axis) ? 0 : step))
  const from = x.data as Float64Array
  walk(x.dims, [strides(x.dims), to], (length, starts, steps) => {
    let [i, t] = starts
    for (let n = 0; n < length; n++, i += steps[0], t += steps[1]) result[t] = combine(result[t], from[i])
  })
  const dims = keeps ? kept : x.dims.filter((_, axis) => !axes.includes(axis))
  return tensor(x.type as T, dims, result as unknown as Data<T>)
}

interface Reduction {
  readonly start: number
  readonly combine: Combine
}

/** @param int32 where integers begin or combine in another way */
const reduction =
  (float: Reduction, int32: Partial<Reduction> = {}): Operator =>
  (call) => {
    const x = input(call, 0, 'float64', 'int32')
    const { start, combine } = x.type === 'int32' ? { ...float, ...int32 } : float
    return reduce(call, x, start, combine)
  }

export const ReduceSum = reduction({ start: 0, combine: (total, x) => total + x })
export const ReduceProd = reduction({ start: 1, combine: (total, x) => total * x }, { combine: Math.imul })
export const ReduceMax = reduction(
  { start: Number.NEGATIVE_INFINITY, combine: Math.max },
  { start: LEAST_INT32 },
)
export const ReduceMin = reduction(
  { start: Number.POSITIVE_INFINITY, combine: Math.min },
  { start: -(LEAST_INT32 + 1) },
)

export const ReduceMean: Operator = (call) => {
  const x = input(call, 0, 'float64')
  const { dims, data } = reduce(call, x, 0, (total, value) => total + value)
  const each = x.data.length / count(dims)
  return tensor(
    'float64',
    dims,
    data.map((total) => total / each),
  )
}

/** The place of the first, or last, element along an axis that no other one beats. */
const arg =
  (beats: (a: number, b: number) => boolean): Operator =>
  (call) => {
    const x = input(call, 0, 'float64', 'int32')
    const axis = axisOf(call, integer(call, 'axis', 0), x.dims.length)
    const keeps = integer(call, 'keepdims', 1) === 1
    const takesLast = integer(call, 'select_last_index', 0) === 1
    const [outer, length, inner] = around(x.dims, axis)
    if (length === 0) throw fault(call, `axis ${axis} of ${describe(x)} has no elements`)
    const kept = x.dims.with(axis, 1)
    const result = zeros('int64', kept)
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const from = o * length * inner + i
        let best = 0
        for (let n = 1; n < length; n++) {
          const [value, other] = [x.data[from + n * inner], x.data[from + best * inner]]
          if (beats(value, other) || (takesLast && value === other)) best = n
        }
        result[o * inner + i] = BigInt(best)
      }
    }
    return tensor('int64', keeps ? kept : x.dims.toSpliced(axis, 1), result)
  }

export const ArgMax = arg((a, b) => a > b)
export const ArgMin = arg((a, b) => a < b)
