// Writing and adding at indices, one update after the other.

import { axesOf, fault, input, integer, type Operator, text } from './call.ts'
import { describe, moved, strides } from './tensor.ts'

/** Element by element: along one axis the place that the indices say, along the others its own. */
export const ScatterElements: Operator = (call) => {
  const [x, indices] = [input(call, 0), input(call, 1, 'int32', 'int64')]
  const updates = input(call, 2, x.type)
  const [axis] = axesOf(call, [integer(call, 'axis', 0)], x.dims.length)
  const adds = text(call, 'reduction', ['none', 'add']) === 'add'
  const fits =
    String(indices.dims) === String(updates.dims) &&
    indices.dims.length === x.dims.length &&
    indices.dims.every((size, a) => a === axis || size <= x.dims[a])
  if (!fits) throw fault(call, `${describe(updates)} at ${describe(indices)} into ${describe(x)}`)
  const [own, steps] = [strides(indices.dims), strides(x.dims)]
  const given = updates.data as Float64Array
  return moved(x, x.dims, (to, from) => {
    to.set(from)
    for (let n = 0; n < given.length; n++) {
      const index = Number(indices.data[n])
      const size = x.dims[axis]
      if (index < -size || index >= size) throw fault(call, `index ${index} into an axis of ${size}`)
      let offset = (index < 0 ? index + size : index) * steps[axis]
      for (let a = 0; a < own.length; a++) {
        if (a !== axis) offset += (Math.floor(n / own[a]) % indices.dims[a]) * steps[a]
      }
      // Typed arrays wrap int32 by themselves.
      to[offset] = adds ? to[offset] + given[n] : given[n]
    }
  })
}
