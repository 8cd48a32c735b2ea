// Matrix products. The innermost loop runs along rows of both the right factor and the result.

import { broadcast, spread } from './broadcast.ts'
import { fault, input, type Operator } from './call.ts'
import { describe, type Tensor, tensor, zeros } from './tensor.ts'
import { walk } from './walk.ts'

/** Of tensors with at least two axes; the others broadcast. */
export const MatMul: Operator = (call) => {
  const [a, b] = [input(call, 0, 'float64'), input(call, 1, 'float64')]
  const [rows, inner] = a.dims.slice(-2)
  const [length, columns] = b.dims.slice(-2)
  if (a.dims.length < 2 || b.dims.length < 2 || inner !== length) {
    throw fault(call, `${describe(a)} times ${describe(b)} is no product of matrices`)
  }
  const [left, right] = [a, b].map((value): Tensor => ({ ...value, dims: value.dims.slice(0, -2) }))
  const batch = broadcast(call, left, right)
  const dims = [...batch, rows, columns]
  const result = zeros('float64', dims)
  let at = 0
  walk(batch, [spread(left.dims, batch), spread(right.dims, batch)], (count, starts, steps) => {
    for (let n = 0; n < count; n++, at += rows * columns) {
      const from = (starts[0] + n * steps[0]) * rows * inner
      const to = (starts[1] + n * steps[1]) * inner * columns
      multiply(
        a.data.subarray(from, from + rows * inner),
        b.data.subarray(to, to + inner * columns),
        result.subarray(at, at + rows * columns),
        inner,
        columns,
      )
    }
  })
  return tensor('float64', dims, result)
}

/** Adds a·b to `result`. */
function multiply(
  a: Float64Array,
  b: Float64Array,
  result: Float64Array,
  inner: number,
  columns: number,
): void {
  for (let i = 0, row = 0; i < a.length; i++) {
    const factor = a[i]
    const k = (i % inner) * columns
    for (let j = 0; j < columns; j++) result[row + j] += factor * b[k + j]
    if (k + columns === inner * columns) row += columns
  }
}
