// Kernels that pick entries by index.

import { ExportError } from '../../../src/errors.ts'
import { cast, expand, reshape, rowIndices } from '../build.ts'
import { volume } from '../sizes.ts'
import { input, type Lowering, number } from './lowering.ts'

/** Entries along one axis. With batch axes, each batch has indices of its own. */
export const GatherV2: Lowering = (g, call) => {
  const x = input(call, 'x')
  const indices = cast(g, input(call, 'indices'), 'int32')
  const axis = counted(number(call, 'axis', 0), x.shape.length)
  const batchDims = counted(number(call, 'batchDims', 0), indices.shape.length)
  if (batchDims === 0) return g.op('Gather', [x, indices], { axis })
  // GatherElements wants an index for every element: the indices spread over the axes around the gathered one.
  const batch = x.shape.slice(0, batchDims)
  const before = x.shape.slice(batchDims, axis)
  const after = x.shape.slice(axis + 1)
  const picked = volume(indices.shape.slice(batchDims))
  const lined = reshape(g, indices, [...batch, ...before.map(() => 1), picked, ...after.map(() => 1)])
  const spread = expand(g, lined, [...batch, ...before, picked, ...after])
  const gathered = g.op('GatherElements', [x, spread], { axis })
  return reshape(g, gathered, call.outputs[0].shape)
}

const counted = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis)

/** Slices at index vectors: the vector becomes one index into the flattened leading axes. */
export const GatherNd: Lowering = (g, call) => {
  const x = input(call, 'params')
  const indices = cast(g, input(call, 'indices'), 'int32')
  const depth = indices.shape.at(-1)
  if (typeof depth !== 'number')
    throw new ExportError('GatherNd: the length of an index vector must be a number')
  const rows = reshape(g, x, [volume(x.shape.slice(0, depth)), ...x.shape.slice(depth)])
  return g.op('Gather', [rows, rowIndices(g, x.shape, indices, depth)], { axis: 0 })
}

/** on where the index is the position along the last axis, else off. */
export const OneHot: Lowering = (g, call) => {
  const { dtype } = call.outputs[0]
  const indices = cast(g, input(call, 'indices'), 'int32')
  const depth = number(call, 'depth')
  const positions = g.constant(
    Int32Array.from({ length: depth }, (_, i) => i),
    [depth],
  )
  const hit = g.op('Equal', [reshape(g, indices, [...indices.shape, 1]), positions])
  const [on, off] = [number(call, 'onValue', 1), number(call, 'offValue', 0)]
  if (on === 1 && off === 0) return cast(g, hit, dtype)
  return g.op('Where', [hit, g.scalar(on, dtype), g.scalar(off, dtype)])
}
