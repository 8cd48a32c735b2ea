// The few operators that lowerings make again and again, under short names.

import type { Builder } from './builder.ts'
import { TO_THE_END } from './operators/shape.ts'
import { equal, type Shape, type Size, sameShape, volume } from './sizes.ts'
import type { DType, Value } from './values.ts'

export const cast = (g: Builder, x: Value, to: DType): Value =>
  x.dtype === to ? x : g.op('Cast', [x], { to })

export const reshape = (g: Builder, x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : g.op('Reshape', [x, g.sizes(shape)])

export const transpose = (g: Builder, x: Value, perm: readonly number[]): Value =>
  perm.every((axis, i) => axis === i) ? x : g.op('Transpose', [x], { perm })

/** Swaps the last two axes. */
export function swapLast(g: Builder, x: Value): Value {
  const rank = x.shape.length
  return transpose(g, x, [...x.shape.keys()].slice(0, -2).concat(rank - 1, rank - 2))
}

/** Broadcasts to `shape`. */
export const expand = (g: Builder, x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : g.op('Expand', [x, g.sizes(shape)])

/** Between two numbers. Not every provider runs Clip of integers. */
export function clip(g: Builder, x: Value, least: number, greatest: number): Value {
  const [low, high] = [g.scalar(least, x.dtype), g.scalar(greatest, x.dtype)]
  return x.dtype === 'float32' ? g.op('Clip', [x, low, high]) : g.op('Min', [g.op('Max', [x, low]), high])
}

/** Puts axes of size 1 before `axis`. */
export const unsqueeze = (g: Builder, x: Value, axis: number): Value =>
  reshape(g, x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)])

/** x[start : start + size] along the axes where that is not the whole axis. */
export function slice(g: Builder, x: Value, starts: readonly Size[], ends: readonly Size[]): Value {
  const axes = [...x.shape.keys()].filter((axis) => starts[axis] !== 0 || !equal(ends[axis], x.shape[axis]))
  if (axes.length === 0) return x
  const vector = (values: readonly Size[]) => g.sizes(values)
  return g.op('Slice', [
    x,
    vector(axes.map((axis) => starts[axis])),
    vector(axes.map((axis) => ends[axis])),
    vector(axes),
    vector(axes.map(() => 1)),
  ])
}

/** Every step-th element of each axis; from its end where the step is negative. */
export function stepped(g: Builder, x: Value, steps: readonly number[]): Value {
  const axes = [...steps.keys()].filter((axis) => steps[axis] !== 1)
  if (axes.length === 0) return x
  return g.op('Slice', [
    x,
    g.sizes(axes.map((axis) => (steps[axis] < 0 ? -1 : 0))),
    g.sizes(axes.map((axis) => (steps[axis] < 0 ? -TO_THE_END : TO_THE_END))),
    g.sizes(axes),
    g.sizes(axes.map((axis) => steps[axis])),
  ])
}

/** 0, 1, 2, … along one axis of a tensor of this shape, with size 1 along the others; float32. */
export function positions(g: Builder, shape: Shape, axis: number): Value {
  const sizes = shape.map((size, a): Size => (a === axis ? size : 1))
  return g.op('CumSum', [expand(g, g.scalar(1, 'float32'), sizes), g.scalar(axis, 'int32')], {
    exclusive: 1,
    reverse: 0,
  })
}

/** Σ index[m] · (entries of a tensor of this shape in one step along axis m), m below `depth`. */
export function rowIndices(g: Builder, shape: Shape, indices: Value, depth: number): Value {
  const last = indices.shape.length - 1
  if (depth === 1) return reshape(g, indices, indices.shape.slice(0, last))
  const steps = Array.from({ length: depth }, (_, m) => volume(shape.slice(m + 1, depth)))
  const fixed = steps.filter((step) => typeof step === 'number')
  const weights =
    fixed.length === depth
      ? g.constant(Int32Array.from(fixed), [depth])
      : g.op('Cast', [g.sizes(steps)], { to: 'int32' })
  return g.op('ReduceSum', [g.op('Mul', [indices, weights])], { axes: [last], keepdims: 0 })
}
