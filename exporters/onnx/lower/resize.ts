// Kernels that change the size of images, or turn them round.

import { cast, expand, reshape, stepped, transpose } from '../build.ts'
import type { Builder } from '../builder.ts'
import type { Attributes, Value } from '../values.ts'
import { type Call, flag, input, type Lowering } from './lowering.ts'

/** Whole factors of fixed sizes repeat every pixel, as UpSampling2D of tfjs layers does; else Resize. */
export const ResizeNearestNeighbor: Lowering = (g, call) => {
  const images = input(call, 'images')
  const [batch, height, width, channels] = images.shape
  const [, newHeight, newWidth] = call.outputs[0].shape
  const factors = [
    [height, newHeight],
    [width, newWidth],
  ].map(([from, to]) => (typeof from === 'number' && typeof to === 'number' ? to / from : Number.NaN))
  if (flag(call, 'alignCorners') || !factors.every(Number.isInteger)) {
    const nearest_mode = flag(call, 'alignCorners') ? 'round_prefer_ceil' : 'floor'
    // The kernels of tfjs take no notice of halfPixelCenters here.
    return resized(g, call, { mode: 'nearest', nearest_mode }, false)
  }
  const [rows, columns] = factors
  const apart = reshape(g, images, [batch, height, 1, width, 1, channels])
  const repeated = expand(g, apart, [batch, height, rows, width, columns, channels])
  return reshape(g, repeated, call.outputs[0].shape)
}

export const ResizeBilinear: Lowering = (g, call) =>
  resized(g, call, { mode: 'linear' }, flag(call, 'halfPixelCenters'))

/** Images are [batch, channels, height, width] in ONNX. */
function resized(g: Builder, call: Call, attrs: Attributes, halfPixels: boolean): Value {
  const images = transpose(g, cast(g, input(call, 'images'), 'float32'), [0, 3, 1, 2])
  const [batch, height, width, channels] = call.outputs[0].shape
  const places = flag(call, 'alignCorners') ? 'align_corners' : halfPixels ? 'half_pixel' : 'asymmetric'
  const result = g.op('Resize', [images, undefined, undefined, g.sizes([batch, channels, height, width])], {
    ...attrs,
    coordinate_transformation_mode: places,
  })
  return cast(g, transpose(g, result, [0, 2, 3, 1]), call.outputs[0].dtype)
}

export const FlipLeftRight: Lowering = (g, call) => stepped(g, input(call, 'image'), [1, 1, -1, 1])
