// What follows a convolution for each channel, and zeros around the images before it, become part of it: bias, batch
// normalisation, padding.

import { transpose } from '../build.ts'
import type { Builder } from '../builder.ts'
import { constantData, type Node, producer, type Value } from '../values.ts'
import type { Rule, Site } from './rule.ts'

export const convolution: Rule = (g, site) => {
  const { op } = site.node
  if (op === 'Conv') return padded(g, site)
  if (op === 'Add' || op === 'Sub' || op === 'Mul') return absorbed(g, site)
  return undefined
}

/** (w·x + b)·c, + c or − c for a number c of each channel. */
function absorbed(g: Builder, { node, inputs, onlyUse }: Site): Value | undefined {
  for (const [i, value] of inputs.entries()) {
    const before = value && producer(value)
    if (before?.op === 'Add' && node.op === 'Add' && onlyUse(i)) {
      const sum = through(g, before, inputs[1 - i]!)
      if (sum) return sum
    }
    if (before?.op !== 'Conv' && before?.op !== 'ConvTranspose') continue
    const channel = channels(inputs[1 - i]!, value!)
    if (!channel || !onlyUse(i) || (node.op === 'Sub' && i === 1)) continue
    const [x, w, bias] = before.inputs
    if (node.op === 'Mul') return scaled(g, before, channel)
    const sum = channel.map((c, n) => (node.op === 'Sub' ? -c : c) + (constantOf(bias)?.[n] ?? 0))
    if (bias && !constantOf(bias)) continue
    return g.op(before.op, [x, w, g.constant(sum, [sum.length])], before.attrs)
  }
  return undefined
}

/** (conv + y) + c = (conv + c) + y for a number c of each channel, where the bias of the convolution takes it up. */
function through(g: Builder, { inputs }: Node, added: Value): Value | undefined {
  for (const [i, value] of inputs.entries()) {
    const conv = producer(value!)
    const channel = conv?.op === 'Conv' ? channels(added, value!) : undefined
    if (!conv || !channel || conv.inputs[2] || !constantOf(conv.inputs[1])) continue
    const [x, w] = conv.inputs
    const own = g.op('Conv', [x, w, g.constant(channel, [channel.length])], conv.attrs)
    return g.op('Add', i === 0 ? [own, inputs[1]] : [inputs[0], own])
  }
  return undefined
}

/** Only of plain convolutions, whose filters have the channels that are made first. */
function scaled(
  g: Builder,
  { op, inputs: [x, w, bias], attrs }: Node,
  channel: Float32Array,
): Value | undefined {
  const weights = constantOf(w)
  if (op !== 'Conv' || !weights || (bias && !constantOf(bias))) return undefined
  const each = weights.length / channel.length
  const filter = weights.map((weight, n) => weight * channel[Math.floor(n / each)])
  const shift = constantOf(bias)?.map((b, n) => b * channel[n])
  const made = [x, g.constant(filter, w!.shape as number[]), shift && g.constant(shift, [shift.length])]
  return g.op('Conv', shift ? made : made.slice(0, 2), attrs)
}

const constantOf = (value: Value | undefined): Float32Array | undefined => {
  const data = value && constantData(value)
  return data instanceof Float32Array ? data : undefined
}

/** One number for each channel of `made`, [batch, channels, …]; undefined where a constant is none such. */
function channels(value: Value, made: Value): Float32Array | undefined {
  const data = constantOf(value)
  const count = made.shape[1]
  if (!data || typeof count !== 'number') return undefined
  if (data.length === 1)
    return value.shape.length <= 1 + made.shape.length ? new Float32Array(count).fill(data[0]) : undefined
  const rank = made.shape.length
  const shape = [...new Array<number>(rank - value.shape.length).fill(1), ...value.shape]
  const fits = value.shape.length <= rank && shape.every((size, axis) => size === (axis === 1 ? count : 1))
  return fits ? data : undefined
}

/** Zeros around the images are padding of the convolution, also where they are put around them before channels go first. */
function padded(g: Builder, { node, inputs }: Site): Value | undefined {
  const [x, ...rest] = inputs
  const own = node.attrs.pads as readonly number[] | undefined
  const before = x && producer(x)
  if (!before || !own) return undefined
  const perm = before.op === 'Transpose' ? (before.attrs.perm as readonly number[]) : undefined
  const pad = perm ? producer(before.inputs[0]!) : before
  const zeros = pad?.op === 'Pad' ? zerosAround(pad) : undefined
  if (!zeros) return undefined
  const rank = zeros.length / 2
  const order = perm ?? [...Array(rank).keys()]
  const [start, end] = [0, rank].map((side) => order.map((axis) => zeros[axis + side]))
  // Neither more images nor more channels.
  if (start[0] || start[1] || end[0] || end[1]) return undefined
  const images = pad!.inputs[0]!
  const both = [...start.slice(2), ...end.slice(2)]
  const pads = own.map((n, i) => n + both[i])
  return g.op('Conv', [perm ? transpose(g, images, perm) : images, ...rest], { ...node.attrs, pads })
}

/** How many zeros a node puts before all axes, then after all; undefined for anything else. */
function zerosAround({ attrs, inputs: [, around, value] }: Node): readonly number[] | undefined {
  if (attrs.mode !== 'constant' || around?.source.kind !== 'sizes') return undefined
  if (value && constantOf(value)?.[0] !== 0) return undefined
  const { sizes } = around.source
  return sizes.every((size) => typeof size === 'number' && size >= 0) ? (sizes as number[]) : undefined
}
