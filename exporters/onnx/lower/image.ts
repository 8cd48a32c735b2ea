// Convolution, pooling and batch normalisation. tfjs keeps images as [batch, height, width, channels], ONNX as
// [batch, channels, height, width]: the transposes between two image kernels cancel.

import { ExportError } from '../../../src/errors.ts'
import { cast, reshape, transpose } from '../build.ts'
import type { Builder } from '../builder.ts'
import { add, format, multiply, type Size, subtract } from '../sizes.ts'
import type { Value } from '../values.ts'
import { fusedTail } from './activation.ts'
import { type Call, input, type Lowering, number } from './lowering.ts'

const CHANNELS_FIRST = [0, 3, 1, 2]
const CHANNELS_LAST = [0, 2, 3, 1]
/** [height, width, in, out] to [out, in, height, width]. */
const FILTER = [3, 2, 0, 1]
/** [height, width, channel, multiplier] to [channel, multiplier, height, width]. */
const DEPTHWISE_FILTER = [2, 3, 0, 1]

export const Conv2D: Lowering = (g, call) => convolution(g, call)
export const FusedConv2D: Lowering = (g, call) => fusedTail(g, call, convolution(g, call))
export const DepthwiseConv2dNative: Lowering = (g, call) => depthwise(g, call)
export const FusedDepthwiseConv2D: Lowering = (g, call) => fusedTail(g, call, depthwise(g, call))

function convolution(g: Builder, call: Call): Value {
  return convolved(g, call, transpose(g, input(call, 'filter'), FILTER), 1)
}

/** One group a channel; output channel c·multiplier + m comes from channel c. */
function depthwise(g: Builder, call: Call): Value {
  const filter = transpose(g, input(call, 'filter'), DEPTHWISE_FILTER)
  const [channels, multiplier, ...kernel] = filter.shape as number[]
  return convolved(g, call, reshape(g, filter, [channels * multiplier, 1, ...kernel]), channels)
}

function convolved(g: Builder, call: Call, filter: Value, group: number): Value {
  const images = channelsFirst(g, call)
  const kernel = filter.shape.slice(2) as number[]
  const [strides, dilations] = [pair(call, 'strides'), pair(call, 'dilations')]
  const pads = padding(call, images.shape.slice(2), kernel, strides, dilations)
  return channelsLast(
    g,
    g.op('Conv', [images, filter], { kernel_shape: kernel, strides, dilations, ...pads, group }),
  )
}

/** The transpose of a convolution, tf.conv2dTranspose: the filter is [height, width, out, in]. */
export const Conv2DBackpropInput: Lowering = (g, call) => {
  const images = channelsFirst(g, call, 'dy')
  const filter = transpose(g, input(call, 'filter'), FILTER)
  const kernel = filter.shape.slice(2) as number[]
  const strides = pair(call, 'strides')
  const size = call.outputs[0].shape.slice(1, 3)
  const counts = images.shape.slice(2)
  const pads = transposedPadding(call, size, counts, kernel, strides)
  // What the windows do not reach at the end of each axis.
  const beyond = counts.map((count, i) => {
    const reached = add(multiply(add(count, -1), strides[i]), kernel[i] - pads[i] - pads[i + 2])
    const rest = subtract(size[i], reached)
    if (typeof rest !== 'number') {
      throw new ExportError(
        `${call.kernel}: an image of ${format(count)} becomes ${format(size[i])}, which is no whole number of strides of ` +
          `${strides[i]} at every size; make the image size a number`,
      )
    }
    return rest
  })
  return channelsLast(
    g,
    g.op('ConvTranspose', [images, filter], { kernel_shape: kernel, strides, pads, output_padding: beyond }),
  )
}

const pooling =
  (op: string, more: Record<string, number>): Lowering =>
  (g, call) => {
    const images = channelsFirst(g, call)
    const kernel = pair(call, 'filterSize')
    const strides = pair(call, 'strides')
    const pads = padding(call, images.shape.slice(2), kernel, strides, [1, 1])
    return channelsLast(g, g.op(op, [images], { kernel_shape: kernel, strides, ...pads, ...more }))
  }

export const MaxPool = pooling('MaxPool', {})
export const AvgPool = pooling('AveragePool', { count_include_pad: 0 })

function channelsFirst(g: Builder, call: Call, name = 'x'): Value {
  const { dataFormat } = call.attrs
  if (dataFormat !== undefined && dataFormat !== 'NHWC') {
    throw new ExportError(
      `${call.kernel}: dataFormat ${dataFormat} cannot be exported; use NHWC, the default`,
    )
  }
  return transpose(g, cast(g, input(call, name), 'float32'), CHANNELS_FIRST)
}

const channelsLast = (g: Builder, x: Value) => transpose(g, x, CHANNELS_LAST)

/** One number for both image axes, or one each. */
function pair({ kernel, attrs }: Call, name: string): number[] {
  const value = attrs[name] ?? 1
  const both = Array.isArray(value) ? value : [value, value]
  if (both.length !== 2 || !both.every((n) => typeof n === 'number')) {
    throw new ExportError(`${kernel}: ${name} must be one or two numbers, found ${JSON.stringify(value)}`)
  }
  return both
}

/** How windows may reach over the edges, as an attribute of ONNX. */
type Padding = { readonly pads: number[] } | { readonly auto_pad: string }

/**
 * Zeros before both axes, then after both. `same` keeps ceil(size / stride) windows, the odd zero at the end; how many
 * zeros that takes depends on an open size, and is left to the runtime.
 */
function padding(
  { attrs: { pad } }: Call,
  image: readonly Size[],
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): Padding {
  const explicit = explicitPadding(pad)
  if (explicit) return { pads: explicit }
  const totals = image.map((size, i) => {
    const reach = (kernel[i] - 1) * dilations[i] + 1
    if (strides[i] === 1) return reach - 1
    return typeof size === 'number'
      ? sameZeros(size, Math.ceil(size / strides[i]), reach, strides[i])
      : undefined
  })
  return totals.every((total) => total !== undefined) ? { pads: halves(totals) } : { auto_pad: 'SAME_UPPER' }
}

function explicitPadding(pad: unknown): number[] | undefined {
  if (pad === 'valid') return [0, 0, 0, 0]
  if (typeof pad === 'number') return [pad, pad, pad, pad]
  if (!Array.isArray(pad)) return undefined
  const [, rows, columns] = pad as number[][]
  return [rows[0], columns[0], rows[1], columns[1]]
}

/** The zeros of the convolution that this is the transpose of. */
function transposedPadding(
  { kernel: name, attrs: { pad } }: Call,
  image: readonly Size[],
  counts: readonly Size[],
  kernel: readonly number[],
  strides: readonly number[],
): number[] {
  const explicit = explicitPadding(pad)
  if (explicit) return explicit
  return halves(
    image.map((size, i) => {
      const total = add(subtract(multiply(add(counts[i], -1), strides[i]), size), kernel[i])
      if (typeof total === 'number') return Math.max(0, total)
      throw new ExportError(`${name}: padding "same" of ${format(size)}; make the image size a number`)
    }),
  )
}

const sameZeros = (size: number, windows: number, reach: number, stride: number) =>
  Math.max(0, (windows - 1) * stride + reach - size)

function halves(totals: readonly number[]): number[] {
  const before = totals.map((total) => Math.floor(total / 2))
  return [...before, ...totals.map((total, i) => total - before[i])]
}

/** (x − mean)·scale/√(variance + ε) + offset, as x·s + t: s and t fold when the statistics are constants. */
export const FusedBatchNorm: Lowering = (g, call) => {
  const epsilon = g.scalar(number(call, 'varianceEpsilon', 0.001), 'float32')
  const deviation = g.op('Sqrt', [g.op('Add', [input(call, 'variance'), epsilon])])
  const scale = call.inputs.get('scale')
  const s = g.op('Div', [scale ?? g.scalar(1, 'float32'), deviation])
  const shift = g.op('Neg', [g.op('Mul', [input(call, 'mean'), s])])
  const offset = call.inputs.get('offset')
  const t = offset ? g.op('Add', [shift, offset]) : shift
  return g.op('Add', [g.op('Mul', [input(call, 'x'), s]), t])
}
