// Pooling of images with two or three axes, and dilation, which is pooling with a filter that is added.

import { ExportError } from '../../../src/errors.ts'
import { cast, positions, reshape, slice, stepped } from '../build.ts'
import type { Builder } from '../builder.ts'
import { quantityValue } from '../quantities.ts'
import { add, multiply, type Shape, type Size, volume } from '../sizes.ts'
import type { Attributes, Value } from '../values.ts'
import { type Call, flag, input, type Lowering } from './lowering.ts'
import { channelsFirst, channelsLast, padding, perAxis } from './windows.ts'

/** The attributes of a pool. */
function windowsOf(call: Call, images: Value): Attributes {
  const axes = images.shape.length - 2
  const [kernel, strides] = ['filterSize', 'strides'].map((name) => perAxis(call, name, axes))
  const dilations = new Array<number>(axes).fill(1)
  const pads = padding(call, images.shape.slice(2), { kernel, strides, dilations })
  return { kernel_shape: kernel, strides, ...pads }
}

const pooling =
  (op: string, more: Attributes): Lowering =>
  (g, call) => {
    const images = channelsFirst(g, call)
    return channelsLast(g, g.op(op, [images], { ...windowsOf(call, images), ...more }))
  }

export const MaxPool = pooling('MaxPool', {})
export const MaxPool3D = pooling('MaxPool', {})
// What lies over the edge does not count.
export const AvgPool = pooling('AveragePool', { count_include_pad: 0 })
export const AvgPool3D = pooling('AveragePool', { count_include_pad: 0 })

/**
 * The largest of each window, and its place in the flattened images: ONNX counts places with channels first, and over all
 * images, tfjs with channels last, and within one image unless it is told otherwise.
 */
export const MaxPoolWithArgmax: Lowering = (g, call) => {
  const images = channelsFirst(g, call)
  const [batch, channels, height, width] = images.shape
  const [values, found] = g.ops('MaxPool', [images], { ...windowsOf(call, images), storage_order: 0 })
  const whole = (size: Size) => quantityValue(g, size, 'int32')
  const area = whole(multiply(height, width))
  const places = cast(g, found, 'int32')
  const inChannel = g.op('Sub', [places, g.op('Mul', [g.op('Div', [places, area]), area])])
  const channel = cast(g, positions(g, [1, channels, 1, 1], 1), 'int32')
  const inImage = g.op('Add', [g.op('Mul', [inChannel, whole(channels)]), channel])
  if (!flag(call, 'includeBatchInIndex')) return [channelsLast(g, values), channelsLast(g, inImage)]
  const image = cast(g, positions(g, [batch, 1, 1, 1], 0), 'int32')
  const before = g.op('Mul', [image, whole(volume([height, width, channels]))])
  return [channelsLast(g, values), channelsLast(g, g.op('Add', [inImage, before]))]
}

/** Less than any number plus any weight, and no infinity, which not every provider pads with. */
const LOWEST = -3e38

/** The largest of x + filter over each window, one shifted image for each weight. */
export const Dilation2D: Lowering = (g, call) => {
  const [x, filter] = [input(call, 'x'), input(call, 'filter')]
  const kernel = filter.shape.slice(0, 2) as number[]
  const [strides, dilations] = ['strides', 'dilations'].map((name) => perAxis(call, name, 2))
  const around = padding(call, x.shape.slice(1, 3), { kernel, strides, dilations })
  if (!('pads' in around)) {
    throw new ExportError(
      'Dilation2D: padding "same" with strides of an open size; make the image size a number',
    )
  }
  const [top, left, bottom, right] = around.pads
  const padded = around.pads.every((n) => n === 0)
    ? x
    : g.op('Pad', [x, g.sizes([0, top, left, 0, 0, bottom, right, 0]), g.scalar(LOWEST, 'float32')], {
        mode: 'constant',
      })
  const shifted = Array.from({ length: kernel[0] * kernel[1] }, (_, k) => {
    const [row, column] = [Math.floor(k / kernel[1]), k % kernel[1]]
    const part = window(g, padded, call.outputs[0].shape, strides, [
      row * dilations[0],
      column * dilations[1],
    ])
    const weights = slice(g, filter, [row, column, 0], [row + 1, column + 1, filter.shape[2]])
    return g.op('Add', [part, reshape(g, weights, [filter.shape[2]])])
  })
  return shifted.reduce((largest, other) => g.op('Max', [largest, other]))
}

/** The element at `offset` of every window. */
function window(
  g: Builder,
  x: Value,
  [, rows, columns]: Shape,
  strides: readonly number[],
  offset: readonly number[],
) {
  const [batch, , , channels] = x.shape
  const end = (count: Size, axis: number) => add(multiply(add(count, -1), strides[axis]), offset[axis] + 1)
  const part = slice(g, x, [0, offset[0], offset[1], 0], [batch, end(rows, 0), end(columns, 1), channels])
  return stepped(g, part, [1, strides[0], strides[1], 1])
}
