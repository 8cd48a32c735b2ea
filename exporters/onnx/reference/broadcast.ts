// Broadcasting by numpy's rules: axes are aligned at the end, and those of size 1, or that are not there, are repeated.

import { type Call, fault } from './call.ts'
import { describe, strides, type Tensor } from './tensor.ts'

/** The sizes of an element-wise result. @throws ModelFileError when the inputs do not broadcast */
export function broadcast(call: Call, ...values: readonly Tensor[]): number[] {
  const rank = Math.max(...values.map(({ dims }) => dims.length))
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1
    for (const { dims } of values) {
      const own = dims[axis - rank + dims.length] ?? 1
      if (size === 1) size = own
      else if (own !== 1 && own !== size) {
        throw fault(call, `${values.map(describe).join(' and ')} do not broadcast`)
      }
    }
    return size
  })
}

/** Strides of a tensor along the axes of `dims`, which it broadcasts to. */
export function spread(own: readonly number[], dims: readonly number[]): number[] {
  const before = dims.length - own.length
  const steps = strides(own)
  return dims.map((_, axis) => (axis < before || own[axis - before] === 1 ? 0 : steps[axis - before]))
}
