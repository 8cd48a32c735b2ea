// Kernels that move elements about without changing them.

import { ExportError } from '../../../src/errors.ts'
import { cast, expand, reshape, slice as sliced, stepped, transpose, unsqueeze } from '../build.ts'
import type { Builder } from '../builder.ts'
import { add, multiply, type Size } from '../sizes.ts'
import type { Value } from '../values.ts'
import { axes, type Call, input, inputList, type Lowering, number, numbers, sizes, text } from './lowering.ts'

/** tfjs has already resolved −1 in the shape that came out. */
export const Reshape: Lowering = (g, call) => reshape(g, input(call, 'x'), call.outputs[0].shape)

export const ExpandDims: Lowering = (g, call) => reshape(g, input(call, 'input'), call.outputs[0].shape)

export const Transpose: Lowering = (g, call) => transpose(g, input(call, 'x'), numbers(call, 'perm'))

export const Concat: Lowering = (g, call) => {
  const { dtype, shape } = call.outputs[0]
  const [axis] = axes(call, shape.length)
  return joined(g, inputList(call), axis, dtype)
}

function joined(g: Builder, parts: readonly Value[], axis: number, dtype: Value['dtype']): Value {
  const same = parts.map((part) => cast(g, part, dtype))
  return same.length === 1 ? same[0] : g.op('Concat', same, { axis })
}

/** Tensors side by side along a new axis. */
export const Pack: Lowering = (g, call) => {
  const { dtype, shape } = call.outputs[0]
  const [axis] = axes(call, shape.length)
  return joined(
    g,
    inputList(call).map((part) => unsqueeze(g, part, axis)),
    axis,
    dtype,
  )
}

export const Unpack: Lowering = (g, call) => {
  const x = input(call, 'value')
  const [axis] = axes(call, x.shape.length)
  const parts = split(
    g,
    x,
    axis,
    call.outputs.map(() => 1),
  )
  return parts.map((part, i) => reshape(g, part, call.outputs[i].shape))
}

export const SplitV: Lowering = (g, call) => {
  const x = input(call, 'x')
  const [axis] = axes(call, x.shape.length)
  return split(
    g,
    x,
    axis,
    call.outputs.map(({ shape }) => shape[axis]),
  )
}

const split = (g: Builder, x: Value, axis: number, parts: readonly Size[]): readonly Value[] =>
  parts.length === 1 ? [x] : g.ops('Split', [x, g.sizes(parts)], { axis })

export const Slice: Lowering = (g, call) => {
  const x = input(call, 'x')
  const begin = sizes(call, 'begin')
  const { shape } = call.outputs[0]
  const starts = shape.map((_, axis) => begin[axis] ?? 0)
  return sliced(
    g,
    x,
    starts,
    starts.map((start, axis) => add(start, shape[axis])),
  )
}

export const Tile: Lowering = (g, call) => {
  const x = input(call, 'x')
  const repeats = sizes(call, 'reps')
  const broadcastable = x.shape.every((size, axis) => size === 1 || repeats[axis] === 1)
  if (!broadcastable) return g.op('Tile', [x, g.sizes(repeats)])
  return expand(
    g,
    x,
    x.shape.map((size, axis) => multiply(size, repeats[axis])),
  )
}

export const PadV2: Lowering = (g, call) => {
  const { x, pads } = padding(g, call)
  return g.op('Pad', [x, pads, g.scalar(number(call, 'constantValue', 0), x.dtype)], { mode: 'constant' })
}

/** `symmetric` repeats the edge element, which ONNX cannot before opset 25. */
export const MirrorPad: Lowering = (g, call) => {
  if (text(call, 'mode') !== 'reflect') {
    throw new ExportError(
      'MirrorPad: only mode "reflect" can be exported; for "symmetric", concatenate tf.reverse of slices',
    )
  }
  const { x, pads } = padding(g, call)
  return g.op('Pad', [x, pads], { mode: 'reflect' })
}

function padding(g: Builder, call: Call): { x: Value; pads: Value } {
  const pairs = call.attrs.paddings as readonly (readonly Size[])[]
  return { x: input(call, 'x'), pads: g.sizes([0, 1].flatMap((side) => pairs.map((pair) => pair[side]))) }
}

export const Reverse: Lowering = (g, call) => {
  const x = input(call, 'x')
  const dims = axes(call, x.shape.length, 'dims')
  return stepped(
    g,
    x,
    x.shape.map((_, axis) => (dims.includes(axis) ? -1 : 1)),
  )
}
