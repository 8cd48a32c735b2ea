// Reductions along axes, softmax, running sums and the largest entries.

import { ExportError } from '../../../src/errors.ts'
import { cast, positions, unsqueeze } from '../build.ts'
import type { Builder } from '../builder.ts'
import type { DType, Value } from '../values.ts'
import { axes, type Call, flag, input, type Lowering, number, size } from './lowering.ts'

/** A reduction of x in `dtype`; over no axes it is x itself. */
function reduced(g: Builder, call: Call, op: string, dtype: DType, axisName = 'axis'): Value {
  const x = cast(g, input(call, 'x'), dtype)
  const over = axes(call, x.shape.length, axisName)
  const value =
    over.length === 0 ? x : g.op(op, [x], { axes: over, keepdims: flag(call, 'keepDims') ? 1 : 0 })
  return cast(g, value, call.outputs[0].dtype)
}

const numeric =
  (op: string): Lowering =>
  (g, call) =>
    reduced(g, call, op, call.outputs[0].dtype)

export const Sum = numeric('ReduceSum')
/** The one reduction whose attribute has another name. */
export const Max: Lowering = (g, call) =>
  reduced(g, call, 'ReduceMax', call.outputs[0].dtype, 'reductionIndices')
export const Min = numeric('ReduceMin')
export const Prod = numeric('ReduceProd')
export const Mean = numeric('ReduceMean')

/** Booleans are reduced as int32: the least of them, and the greatest. */
export const All: Lowering = (g, call) => reduced(g, call, 'ReduceMin', 'int32')
export const Any: Lowering = (g, call) => reduced(g, call, 'ReduceMax', 'int32')

const arg =
  (op: string): Lowering =>
  (g, call) => {
    const x = input(call, 'x')
    const numbers = cast(g, x, x.dtype === 'bool' ? 'int32' : x.dtype)
    const [axis] = axes(call, x.shape.length)
    return cast(g, g.op(op, [numbers], { axis, keepdims: 0, select_last_index: 0 }), 'int32')
  }

export const ArgMax = arg('ArgMax')
export const ArgMin = arg('ArgMin')

/** Over the last axis. */
export const Softmax: Lowering = (g, call) =>
  g.op('Softmax', [cast(g, input(call, 'logits'), 'float32')], { axis: lastAxis(call) })

function lastAxis(call: Call): number {
  const rank = input(call, 'logits').shape.length
  const axis = number(call, 'dim', -1)
  if (axis !== -1 && axis !== rank - 1) {
    throw new ExportError(`${call.kernel}: only along the last axis, found ${axis}`)
  }
  return rank - 1
}

export const Cumsum: Lowering = (g, call) => {
  const x = cast(g, input(call, 'x'), call.outputs[0].dtype)
  const [axis] = axes(call, x.shape.length)
  return g.op('CumSum', [x, g.scalar(axis, 'int32')], {
    exclusive: flag(call, 'exclusive') ? 1 : 0,
    reverse: flag(call, 'reverse') ? 1 : 0,
  })
}

/** For each place along the axis the product of what comes before: a triangle of numbers, ones elsewhere. */
export const Cumprod: Lowering = (g, call) => {
  const x = cast(g, input(call, 'x'), call.outputs[0].dtype)
  const [axis] = axes(call, x.shape.length)
  const each = unsqueeze(g, x, axis)
  const square = each.shape.map((_, a) => (a === axis || a === axis + 1 ? x.shape[axis] : 1))
  const [place, other] = [positions(g, square, axis), positions(g, square, axis + 1)]
  const [first, second] = flag(call, 'reverse') ? [place, other] : [other, place]
  const before = g.op(flag(call, 'exclusive') ? 'Less' : 'LessOrEqual', [first, second])
  const factors = g.op('Where', [before, each, g.scalar(1, x.dtype)])
  return g.op('ReduceProd', [factors], { axes: [axis + 1], keepdims: 0 })
}

/** Values and int32 indices along the last axis; equal entries in the order of their indices. */
export const TopK: Lowering = (g, call) => {
  const x = input(call, 'x')
  const axis = x.shape.length - 1
  const [values, indices] = g.ops('TopK', [x, g.sizes([size(call, 'k')])], { axis, largest: 1, sorted: 1 })
  return [values, cast(g, indices, 'int32')]
}
