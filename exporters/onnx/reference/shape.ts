// Operators that give other sizes to the same numbers, and Shape, which reads the sizes off.

import { axesOf, fault, input, integer, type Operator, wholes } from './call.ts'
import { count, describe, type Tensor, tensor } from './tensor.ts'

function resized(x: Tensor, dims: readonly number[]): Tensor {
  return { ...x, dims }
}

/** 0 keeps the size at that place, −1 is whatever remains. */
export const Reshape: Operator = (call) => {
  const x = input(call, 0)
  const allowsZero = integer(call, 'allowzero', 0) === 1
  const wanted = wholes(call, 1)
  const dims = wanted.map((size, axis) => (size === 0 && !allowsZero ? x.dims[axis] : size))
  const open = dims.indexOf(-1)
  const known = dims.reduce((product, size, axis) => (axis === open ? product : product * size), 1)
  if (open >= 0) dims[open] = known === 0 ? 0 : x.data.length / known
  const areSizes = dims.every((size) => Number.isInteger(size) && size >= 0)
  if (!areSizes || count(dims) !== x.data.length) {
    throw fault(call, `${describe(x)} has not as many elements as [${wanted}]`)
  }
  return resized(x, dims)
}

export const Squeeze: Operator = (call) => {
  const x = input(call, 0)
  const ones = [...x.dims.keys()].filter((axis) => x.dims[axis] === 1)
  const axes = call.inputs[1] ? axesOf(call, wholes(call, 1), x.dims.length) : ones
  if (!axes.every((axis) => x.dims[axis] === 1)) {
    throw fault(call, `axes ${axes} of ${describe(x)} are not all of size 1`)
  }
  return resized(
    x,
    x.dims.filter((_, axis) => !axes.includes(axis)),
  )
}

export const Unsqueeze: Operator = (call) => {
  const x = input(call, 0)
  const added = wholes(call, 1)
  const rank = x.dims.length + added.length
  const axes = axesOf(call, added, rank)
  const left = [...x.dims]
  return resized(
    x,
    Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : left.shift()!)),
  )
}

/** The sizes of the axes from `start` up to `end`. */
export const Shape: Operator = (call) => {
  const { dims } = input(call, 0)
  const sizes = dims.slice(integer(call, 'start', 0), integer(call, 'end', dims.length))
  return tensor('int64', [sizes.length], BigInt64Array.from(sizes, BigInt))
}
