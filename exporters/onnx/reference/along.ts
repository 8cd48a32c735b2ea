// Operators whose result has the sizes of their input, but depends on whole rows: softmax, layer norm, running sums, and
// the largest entries.

import { axisOf, fault, input, integer, type Operator, optional, real, wholes } from './call.ts'
import { around, count, describe, moved, tensor, zeros } from './tensor.ts'

export const Softmax: Operator = (call) => {
  const { dims, data } = input(call, 0, 'float64')
  const [outer, length, inner] = around(dims, axisOf(call, integer(call, 'axis', -1), dims.length))
  const result = new Float64Array(data.length)
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const first = o * length * inner + i
      const end = first + length * inner
      let largest = Number.NEGATIVE_INFINITY
      for (let at = first; at < end; at += inner) largest = Math.max(largest, data[at])
      let total = 0
      for (let at = first; at < end; at += inner) total += result[at] = Math.exp(data[at] - largest)
      for (let at = first; at < end; at += inner) result[at] /= total
    }
  }
  return tensor('float64', dims, result)
}

/** (x − mean)/√(variance + ε)·scale + bias, over `axis` and all axes after it. */
export const LayerNormalization: Operator = (call) => {
  const { dims, data } = input(call, 0, 'float64')
  const axis = axisOf(call, integer(call, 'axis', -1), dims.length)
  const epsilon = real(call, 'epsilon', 1e-5)
  // The float type of mean and variance: float64 here whatever it says.
  integer(call, 'stash_type', 1)
  const normal = dims.slice(axis)
  const length = count(normal)
  const [scale, bias] = [input(call, 1, 'float64'), optional(call, 2, 'float64')]
  for (const value of bias ? [scale, bias] : [scale]) {
    if (value.data.length !== length) throw fault(call, `${describe(value)} for rows of [${normal}]`)
  }
  const result = new Float64Array(data.length)
  for (let first = 0; first < data.length; first += length) {
    const row = data.subarray(first, first + length)
    const mean = row.reduce((sum, x) => sum + x, 0) / length
    const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / length
    const deviation = Math.sqrt(variance + epsilon)
    for (let n = 0; n < length; n++)
      result[first + n] = ((row[n] - mean) / deviation) * scale.data[n] + (bias?.data[n] ?? 0)
  }
  return tensor('float64', dims, result)
}

/** Σ of what comes before along an axis, the element itself included unless `exclusive`; int32 wraps. */
export const CumSum: Operator = (call) => {
  const x = input(call, 0, 'float64', 'int32')
  const [axis, ...more] = wholes(call, 1)
  if (axis === undefined || more.length > 0) throw fault(call, 'takes one axis')
  const [outer, length, inner] = around(x.dims, axisOf(call, axis, x.dims.length))
  const exclusive = integer(call, 'exclusive', 0) === 1
  const step = integer(call, 'reverse', 0) === 1 ? -inner : inner
  return moved(x, x.dims, (to, from) => {
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let at = (step > 0 ? o * length : (o + 1) * length - 1) * inner + i
        for (let n = 0; n < length; n++, at += step) {
          const before = n === 0 ? 0 : to[at - step]
          to[at] = before + (exclusive ? (n === 0 ? 0 : from[at - step]) : from[at])
        }
      }
    }
  })
}

/** The largest or smallest entries along an axis, in order, and their places; of equal ones the first. */
export const TopK: Operator = (call) => {
  const x = input(call, 0, 'float64', 'int32')
  const axis = axisOf(call, integer(call, 'axis', -1), x.dims.length)
  const sign = integer(call, 'largest', 1) === 1 ? -1 : 1
  // Any order will do where none is asked for.
  integer(call, 'sorted', 1)
  const [outer, length, inner] = around(x.dims, axis)
  const [k] = wholes(call, 1)
  if (!(k >= 0 && k <= length))
    throw fault(call, `asks for ${k} entries of ${describe(x)} along axis ${axis}`)
  const dims = x.dims.with(axis, k)
  const places = zeros('int64', dims)
  const values = moved(x, dims, (to, from) => {
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const value = (n: number) => from[(o * length + n) * inner + i]
        const order = Array.from({ length }, (_, n) => n)
        order.sort((m, n) => sign * (value(m) - value(n)) || m - n)
        for (let n = 0; n < k; n++) {
          const at = (o * k + n) * inner + i
          to[at] = value(order[n])
          places[at] = BigInt(order[n])
        }
      }
    }
  })
  return [values, tensor('int64', dims, places)]
}
