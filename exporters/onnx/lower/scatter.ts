// Kernels that write, add or count at indices. All of them are ScatterElements, which takes updates one after the other
// on the CPU and in WebAssembly; ScatterND adds wrongly there at repeated indices on several threads, and is never made.

import { ExportError } from '../../../src/errors.ts'
import { cast, expand, reshape, rowIndices, slice } from '../build.ts'
import type { Builder } from '../builder.ts'
import { quantityValue } from '../quantities.ts'
import { add, type Shape, type Size, volume } from '../sizes.ts'
import { constantData, type Value } from '../values.ts'
import { type Call, flag, input, type Lowering, sizes } from './lowering.ts'

type Reduction = 'none' | 'add'

/** Row indices[n] of `target` becomes, or grows by, updates[n]. Of those that write the same row the last one stays. */
function scattered(g: Builder, target: Value, rows: Value, updates: Value, reduction: Reduction): Value {
  const lined = reshape(g, rows, [...rows.shape, ...updates.shape.slice(1).map(() => 1)])
  const indices = expand(g, lined, updates.shape)
  return g.op('ScatterElements', [target, indices, updates], { axis: 0, reduction })
}

/** Indices from 0 to `count` − 1; `drop` says what others become: the row after the last, which is cut off later. */
function kept(g: Builder, indices: Value, count: Size): { readonly rows: Value; readonly spare: number } {
  const known = constantData(indices)
  if (known && typeof count === 'number' && known.every((i) => i >= 0 && i < count))
    return { rows: indices, spare: 0 }
  const after = quantityValue(g, count, 'int32')
  const rows = g.op('Where', [
    g.op('Less', [indices, g.scalar(0, 'int32')]),
    after,
    g.op('Min', [indices, after]),
  ])
  return { rows, spare: 1 }
}

const zeros = (g: Builder, dtype: Value['dtype'], shape: Shape): Value => expand(g, g.scalar(0, dtype), shape)

/** Sums of rows by segment; rows of no segment are left out, as tfjs does. */
function summed(g: Builder, rows: Value, segments: Value, count: Size): Value {
  const at = kept(g, segments, count)
  const rest = rows.shape.slice(1)
  const sums = scattered(g, zeros(g, rows.dtype, [add(count, at.spare), ...rest]), at.rows, rows, 'add')
  return slice(
    g,
    sums,
    sums.shape.map(() => 0),
    [count, ...rest],
  )
}

export const UnsortedSegmentSum: Lowering = (g, call) => {
  const segments = cast(g, input(call, 'segmentIds'), 'int32')
  if (segments.shape.length !== 1) {
    throw new ExportError(
      `UnsortedSegmentSum: segment ids of rank ${segments.shape.length}; tfjs only sums by a list of them, of rank 1`,
    )
  }
  return summed(g, cast(g, input(call, 'x'), 'float32'), segments, call.outputs[0].shape[0])
}

/** Places in the flattened leading axes of `shape`, and how many axes those are. */
function places(g: Builder, call: Call, name: string, shape: Shape): { rows: Value; depth: number } {
  const indices = cast(g, input(call, name), 'int32')
  const rank = indices.shape.length
  const depth = rank > 1 ? indices.shape[rank - 1] : 1
  if (typeof depth !== 'number') {
    throw new ExportError(`${call.kernel}: the length of an index vector must be a number`)
  }
  const vectors = rank > 1 ? indices : reshape(g, indices, [volume(indices.shape), 1])
  const rows = rowIndices(g, shape, vectors, depth)
  return { rows: reshape(g, rows, [volume(rows.shape)]), depth }
}

function written(
  g: Builder,
  call: Call,
  names: { indices: string; updates: string },
  target: Value,
  by: Reduction,
) {
  const { shape } = call.outputs[0]
  const { rows, depth } = places(g, call, names.indices, shape)
  const inner = shape.slice(depth)
  const given = cast(g, input(call, names.updates), target.dtype)
  const full = [...rows.shape, ...inner]
  const updates = given.shape.length === 0 ? expand(g, given, full) : reshape(g, given, full)
  const flat = reshape(g, target, [volume(shape.slice(0, depth)), ...inner])
  return reshape(g, scattered(g, flat, rows, updates, by), shape)
}

export const ScatterNd: Lowering = (g, call) => {
  const { dtype, shape } = call.outputs[0]
  return written(g, call, { indices: 'indices', updates: 'updates' }, zeros(g, dtype, shape), 'add')
}

export const SparseToDense: Lowering = (g, call) => {
  const { dtype, shape } = call.outputs[0]
  const target = expand(g, cast(g, input(call, 'defaultValue'), dtype), shape)
  return written(g, call, { indices: 'sparseIndices', updates: 'sparseValues' }, target, 'none')
}

export const TensorScatterUpdate: Lowering = (g, call) =>
  written(g, call, { indices: 'indices', updates: 'updates' }, input(call, 'tensor'), 'none')

/** What each number counts for: 1 where no weights are given. */
function weightsOf(g: Builder, call: Call, shape: Shape): Value {
  const weights = input(call, 'weights')
  return volume(weights.shape) === 0 ? expand(g, g.scalar(1, weights.dtype), shape) : weights
}

/** How often, or with which weight, each number from 0 to size − 1 occurs. */
export const Bincount: Lowering = (g, call) => {
  const x = cast(g, input(call, 'x'), 'int32')
  return summed(g, weightsOf(g, call, x.shape), x, call.outputs[0].shape[0])
}

/** The same for each row of a matrix; `binaryOutput` only says which numbers occur. */
export const DenseBincount: Lowering = (g, call) => {
  const x = cast(g, input(call, 'x'), 'int32')
  if (x.shape.length === 1) return Bincount(g, call)
  const { dtype, shape } = call.outputs[0]
  const [count] = sizes(call, 'size')
  const at = kept(g, x, count)
  const target = zeros(g, dtype, [shape[0], add(count, at.spare)])
  const binary = flag(call, 'binaryOutput')
  const updates = binary ? expand(g, g.scalar(1, dtype), x.shape) : weightsOf(g, call, x.shape)
  const counts = g.op('ScatterElements', [target, at.rows, updates], {
    axis: 1,
    reduction: binary ? 'none' : 'add',
  })
  return slice(g, counts, [0, 0], shape)
}

/** How many numbers of a sorted row lie before each value: those below it, or those up to it. */
export const SearchSorted: Lowering = (g, call) => {
  const [sequence, values] = [input(call, 'sortedSequence'), input(call, 'values')]
  const [batch, length] = sequence.shape
  const before = g.op(call.attrs.side === 'left' ? 'Less' : 'LessOrEqual', [
    reshape(g, sequence, [batch, 1, length]),
    reshape(g, values, [...values.shape, 1]),
  ])
  return g.op('ReduceSum', [cast(g, before, 'int32')], { axes: [2], keepdims: 0 })
}
