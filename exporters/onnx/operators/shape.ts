// Operators that move elements about without changing them.

import { ExportError } from '../../../src/errors.ts'
import {
  add,
  ceilDivide,
  equal,
  formatShape,
  isPolynomial,
  multiply,
  type Size,
  sameShape,
  subtract,
  volume,
} from '../sizes.ts'
import {
  axisOf,
  broadcast,
  expectDtype,
  type Infer,
  input,
  integer,
  integers,
  type OperatorCall,
  sizesInput,
  sum,
} from './operator.ts'

/** An end that lies past every axis. */
export const TO_THE_END = 2 ** 31 - 1

function reshape(call: OperatorCall) {
  const { dtype, shape: from } = input(call, 0)
  const shape = sizesInput(call, 1)
  const [before, after] = [volume(from), volume(shape)]
  if (!equal(before, after) && [before, after].every(isPolynomial)) {
    throw new ExportError(`Reshape: ${formatShape(from)} has not as many elements as ${formatShape(shape)}`)
  }
  return [{ dtype, shape }]
}

function transpose(call: OperatorCall) {
  const { dtype, shape } = input(call, 0)
  const perm = integers(call, 'perm')
  if (perm.length !== shape.length || !shape.every((_, axis) => perm.includes(axis))) {
    throw new ExportError(`Transpose: [${perm}] is no order of the axes of ${formatShape(shape)}`)
  }
  return [{ dtype, shape: perm.map((axis) => shape[axis]) }]
}

function concat(call: OperatorCall) {
  const first = input(call, 0)
  const axis = axisOf(call, integer(call, 'axis'), first.shape.length)
  const shapes = call.inputs.map((_, i) => input(call, i).shape)
  for (const [i, shape] of shapes.entries()) {
    expectDtype(call, input(call, i), first.dtype)
    if (!shape.every((size, a) => a === axis || equal(size, first.shape[a]))) {
      throw new ExportError(
        `Concat: ${formatShape(shape)} does not go with ${formatShape(first.shape)} at axis ${axis}`,
      )
    }
  }
  const shape = first.shape.map((size, a) => (a === axis ? sum(shapes.map((s) => s[axis])) : size))
  return [{ dtype: first.dtype, shape }]
}

function split(call: OperatorCall) {
  const { dtype, shape } = input(call, 0)
  const sizes = sizesInput(call, 1)
  const axis = axisOf(call, integer(call, 'axis'), shape.length)
  if (!equal(sum(sizes), shape[axis])) {
    throw new ExportError(
      `Split: ${formatShape(sizes)} does not add up to axis ${axis} of ${formatShape(shape)}`,
    )
  }
  return sizes.map((size) => ({ dtype, shape: shape.map((s, a) => (a === axis ? size : s)) }))
}

/** Inputs: data, starts, ends, axes, steps; all four given, as vectors of sizes. */
function slice(call: OperatorCall) {
  const { dtype, shape } = input(call, 0)
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map((i) => sizesInput(call, i))
  const result = [...shape]
  for (const [i, axis] of axes.entries()) {
    const size = shape[axis as number]
    result[axis as number] = sliced(size, starts[i], ends[i], steps[i] as number)
  }
  return [{ dtype, shape: result }]
}

function sliced(size: Size, start: Size, end: Size, step: number): Size {
  const from = typeof start === 'number' && start < 0 ? add(size, start) : start
  const whole = step > 0 ? end === TO_THE_END : end === -TO_THE_END
  const to = whole ? (step > 0 ? size : -1) : typeof end === 'number' && end < 0 ? add(size, end) : end
  const length = multiply(subtract(to, from), Math.sign(step))
  return ceilDivide(length, Math.abs(step))
}

function expand(call: OperatorCall) {
  const { dtype, shape } = input(call, 0)
  return [{ dtype, shape: broadcast(call.op, shape, sizesInput(call, 1)) }]
}

function tile(call: OperatorCall) {
  const { dtype, shape } = input(call, 0)
  const repeats = sizesInput(call, 1)
  return [{ dtype, shape: shape.map((size, axis) => multiply(size, repeats[axis])) }]
}

function pad(call: OperatorCall) {
  const { dtype, shape } = input(call, 0)
  const pads = sizesInput(call, 1)
  return [{ dtype, shape: shape.map((size, axis) => sum([size, pads[axis], pads[axis + shape.length]])) }]
}

function gather(call: OperatorCall) {
  const [data, indices] = [input(call, 0), input(call, 1)]
  expectDtype(call, indices, 'int32')
  const axis = axisOf(call, integer(call, 'axis'), data.shape.length)
  const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)]
  return [{ dtype: data.dtype, shape }]
}

function gatherElements(call: OperatorCall) {
  const [data, indices] = [input(call, 0), input(call, 1)]
  expectDtype(call, indices, 'int32')
  return [{ dtype: data.dtype, shape: indices.shape }]
}

function scatterElements(call: OperatorCall) {
  const [data, indices, updates] = [input(call, 0), input(call, 1), input(call, 2)]
  expectDtype(call, indices, 'int32')
  expectDtype(call, updates, data.dtype)
  axisOf(call, integer(call, 'axis'), data.shape.length)
  if (!sameShape(indices.shape, updates.shape)) {
    throw new ExportError(
      `ScatterElements: ${formatShape(updates.shape)} at ${formatShape(indices.shape)} places; both must be the same`,
    )
  }
  return [data]
}

/** With `start` and `end`, the sizes of a range of axes. */
function shape(call: OperatorCall) {
  return [{ dtype: 'int64' as const, shape: [integer(call, 'end') - integer(call, 'start')] }]
}

export const shapes: Readonly<Record<string, Infer>> = {
  Concat: concat,
  Expand: expand,
  Gather: gather,
  GatherElements: gatherElements,
  Pad: pad,
  Reshape: reshape,
  ScatterElements: scatterElements,
  Shape: shape,
  Slice: slice,
  Split: split,
  Tile: tile,
  Transpose: transpose,
}
