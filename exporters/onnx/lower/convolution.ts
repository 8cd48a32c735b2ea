// Convolutions of images with two or three axes. tfjs keeps channels last, ONNX first: the transposes between two image
// kernels cancel.

import { ExportError } from '../../../src/errors.ts'
import { reshape, transpose } from '../build.ts'
import type { Builder } from '../builder.ts'
import { add, format, multiply, subtract } from '../sizes.ts'
import type { Value } from '../values.ts'
import { fusedTail } from './activation.ts'
import { type Call, input, type Lowering } from './lowering.ts'
import { channelsFirst, channelsLast, padding, perAxis, transposedPadding } from './windows.ts'

/** [height, width, channel, multiplier] to [channel, multiplier, height, width]. */
const DEPTHWISE_FILTER = [2, 3, 0, 1]

export const Conv2D: Lowering = (g, call) => convolution(g, call)
export const Conv3D: Lowering = (g, call) => convolution(g, call)
export const FusedConv2D: Lowering = (g, call) => fusedTail(g, call, convolution(g, call))
export const DepthwiseConv2dNative: Lowering = (g, call) => depthwise(g, call)
export const FusedDepthwiseConv2D: Lowering = (g, call) => fusedTail(g, call, depthwise(g, call))

const convolution = (g: Builder, call: Call): Value => convolved(g, call, outputsFirst(g, call), 1)

/** The filter, [… image, in, out], as [out, in, … image]. */
function outputsFirst(g: Builder, call: Call): Value {
  const filter = input(call, 'filter')
  const rank = filter.shape.length
  return transpose(g, filter, [rank - 1, rank - 2, ...[...filter.shape.keys()].slice(0, -2)])
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
  const [strides, dilations] = ['strides', 'dilations'].map((name) => perAxis(call, name, kernel.length))
  const pads = padding(call, images.shape.slice(2), { kernel, strides, dilations })
  return channelsLast(
    g,
    g.op('Conv', [images, filter], { kernel_shape: kernel, strides, dilations, ...pads, group }),
  )
}

/** The transpose of a convolution, tf.conv2dTranspose: the filter is [… image, out, in]. */
export const Conv2DBackpropInput: Lowering = (g, call) => {
  const images = channelsFirst(g, call, 'dy')
  const filter = outputsFirst(g, call)
  const kernel = filter.shape.slice(2) as number[]
  const strides = perAxis(call, 'strides', kernel.length)
  const size = call.outputs[0].shape.slice(1, -1)
  const counts = images.shape.slice(2)
  const pads = transposedPadding(call, size, counts, { kernel, strides })
  // What the windows do not reach at the end of each axis.
  const beyond = counts.map((count, i) => {
    const reached = add(multiply(add(count, -1), strides[i]), kernel[i] - pads[i] - pads[i + kernel.length])
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

export const Conv3DBackpropInputV2: Lowering = (g, call) => Conv2DBackpropInput(g, call)
