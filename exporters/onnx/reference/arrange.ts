// Operators that put elements in another order, or tensors side by side.

import { axesOf, axisOf, fault, input, integer, integers, type Operator } from './call.ts'
import { around, describe, moved, strides } from './tensor.ts'
import { walk } from './walk.ts'

/** Axis k of the result is axis perm[k] of the input; without `perm`, in reverse. */
export const Transpose: Operator = (call) => {
  const x = input(call, 0)
  const rank = x.dims.length
  const perm = axesOf(call, integers(call, 'perm') ?? [...x.dims.keys()].reverse(), rank)
  if (perm.length !== rank) throw fault(call, `[${perm}] is no order of the axes of ${describe(x)}`)
  const dims = perm.map((axis) => x.dims[axis])
  const own = strides(x.dims)
  const layouts = [strides(dims), perm.map((axis) => own[axis])]
  return moved(x, dims, (to, from) => {
    walk(dims, layouts, (length, starts, steps) => {
      let [t, i] = starts
      for (let n = 0; n < length; n++, t += steps[0], i += steps[1]) to[t] = from[i]
    })
  })
}

export const Concat: Operator = (call) => {
  const first = input(call, 0)
  const axis = axisOf(call, integer(call, 'axis'), first.dims.length)
  const parts = call.inputs.map((_, i) => input(call, i, first.type))
  for (const { dims, ...part } of parts) {
    const fits = dims.length === first.dims.length && dims.every((n, a) => a === axis || n === first.dims[a])
    if (!fits)
      throw fault(call, `${describe({ dims, ...part })} beside ${describe(first)} along axis ${axis}`)
  }
  const total = parts.reduce((sum, { dims }) => sum + dims[axis], 0)
  const [outer, , inner] = around(first.dims, axis)
  return moved(first, first.dims.with(axis, total), (to) => {
    let start = 0
    for (const { dims, data } of parts) {
      const length = dims[axis] * inner
      for (let o = 0; o < outer; o++) {
        const part = data.subarray(o * length, (o + 1) * length)
        to.set(part as Float64Array, o * total * inner + start)
      }
      start += length
    }
  })
}
