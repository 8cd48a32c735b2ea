// Moves the transposes that put channels last, as tfjs has images, past what does not care, towards the outputs: the next
// convolution wants channels first, and the two cancel.

import { reshape, transpose } from '../build.ts'
import type { Builder } from '../builder.ts'
import { type Shape, sameShape } from '../sizes.ts'
import { constantData, producer, type Value } from '../values.ts'
import type { Rule, Site } from './rule.ts'

const ELEMENTWISE = new Set([
  ...['Abs', 'Cast', 'Ceil', 'Clip', 'Cos', 'Elu', 'Erf', 'Exp', 'Floor', 'LeakyRelu', 'Log', 'Neg', 'Not'],
  ...['Reciprocal', 'Relu', 'Sigmoid', 'Sin', 'Softplus', 'Sqrt', 'Tanh', 'Add', 'Div', 'Max', 'Min', 'Mul'],
  ...['PRelu', 'Pow', 'Sub', 'And', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Where'],
])

/** An axis of a tensor with channels last, in the one with channels first. */
const firstOf = (axis: number, rank: number) => (axis === 0 ? 0 : axis === rank - 1 ? 1 : axis + 1)

/** What `value` is with channels first, if it is the transpose of that. */
function channelsFirst(value: Value | undefined): Value | undefined {
  const node = value && producer(value)
  if (node?.op === 'Reshape') return pixelsFirst(node.inputs[0]!, value!.shape)
  if (node?.op !== 'Transpose') return undefined
  const perm = node.attrs.perm as number[]
  const last = perm.length >= 4 && perm.every((axis, i) => axis === firstOf(i, perm.length))
  return last ? node.inputs[0] : undefined
}

/** Of images of one pixel the transpose is a reshape. */
function pixelsFirst(x: Value, shape: Shape): Value | undefined {
  const { length } = x.shape
  const pixels = length >= 4 && x.shape.slice(2).every((size) => size === 1)
  const last = x.shape.map((_, axis) => x.shape[firstOf(axis, length)])
  return pixels && sameShape(last, shape) ? x : undefined
}

const channelsLast = (g: Builder, x: Value): Value =>
  transpose(
    g,
    x,
    [...x.shape.keys()].map((axis) => firstOf(axis, x.shape.length)),
  )

/** A tensor that broadcasts with channels last, as it broadcasts with channels first; undefined where that takes a transpose. */
function turned(g: Builder, value: Value, rank: number): Value | undefined {
  if (value.shape.length === 0) return value
  const shape: Shape = [...new Array<number>(rank - value.shape.length).fill(1), ...value.shape]
  const [batch, ...rest] = shape
  const channels = rest.pop()!
  // Nothing but the channels, and images.
  if (rest.every((size) => size === 1)) {
    const first = [channels, ...rest]
    return reshape(g, value, batch === 1 ? first : [batch, ...first])
  }
  if (!constantData(value)) return undefined
  const order = [...shape.keys()].map((axis) => (axis === 0 ? 0 : axis === 1 ? rank - 1 : axis - 1))
  return transpose(g, reshape(g, value, shape), order)
}

export const layout: Rule = (g, site) => {
  const { node } = site
  if (ELEMENTWISE.has(node.op)) return elementwise(g, site)
  const x = channelsFirst(site.inputs[0])
  if (!x) return undefined
  if (node.op === 'Concat') return concat(g, site)
  if (node.op === 'Pad') return pad(g, site, x)
  if (node.op.startsWith('Reduce')) return reduce(g, site, x)
  return undefined
}

function elementwise(g: Builder, { node, inputs }: Site): Value | undefined {
  const rank = node.outputs[0].shape.length
  const first = inputs.map(channelsFirst)
  if (!first.some((value) => value?.shape.length === rank)) return undefined
  const moved = inputs.map((value, i) => first[i] ?? (value && turned(g, value, rank)))
  if (moved.some((value, i) => inputs[i] && !value)) return undefined
  return channelsLast(g, g.op(node.op, moved, node.attrs))
}

function concat(g: Builder, { node, inputs }: Site): Value | undefined {
  const first = inputs.map(channelsFirst)
  if (!first.every((value) => value !== undefined)) return undefined
  const rank = first[0].shape.length
  const axis = firstOf(node.attrs.axis as number, rank)
  return channelsLast(g, g.op('Concat', first, { axis }))
}

function pad(g: Builder, { node, inputs: [, pads, value] }: Site, x: Value): Value | undefined {
  if (pads?.source.kind !== 'sizes') return undefined
  const rank = x.shape.length
  const { sizes } = pads.source
  const order = [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)]
  const moved = [...order, ...order.map((axis) => axis + rank)].map((i) => sizes[i])
  return channelsLast(g, g.op('Pad', [x, g.sizes(moved), value], node.attrs))
}

/** Over all image axes nothing is left to be turned; else the axes that are kept must be all. */
function reduce(g: Builder, { node }: Site, x: Value): Value | undefined {
  const rank = x.shape.length
  const { axes, keepdims } = node.attrs as { axes: readonly number[]; keepdims: number }
  const counted = axes.map((axis) => firstOf(axis < 0 ? axis + rank : axis, rank)).sort((a, b) => a - b)
  const reduced = g.op(node.op, [x], { ...node.attrs, axes: counted })
  if (keepdims) return channelsLast(g, reduced)
  const image = counted.filter((axis) => axis > 1).length
  // With one order of what is left, or nothing to tell it by.
  return image === rank - 2 || (counted.includes(1) && image === 0) ? reduced : undefined
}
