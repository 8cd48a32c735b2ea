// Kernels that change the size of images by whole factors, or turn them round.

import { ExportError } from '../../../src/errors.ts'
import { expand, reshape, stepped, transpose } from '../build.ts'
import { multiply } from '../sizes.ts'
import { flag, input, type Lowering, number, text } from './lowering.ts'

/** Every pixel repeated: UpSampling2D of tfjs layers. */
export const ResizeNearestNeighbor: Lowering = (g, call) => {
  const images = input(call, 'images')
  const [batch, height, width, channels] = images.shape
  const [, newHeight, newWidth] = call.outputs[0].shape
  const factors = [
    [height, newHeight],
    [width, newWidth],
  ].map(([from, to]) => (typeof from === 'number' && typeof to === 'number' ? to / from : Number.NaN))
  if (flag(call, 'alignCorners') || !factors.every(Number.isInteger)) {
    throw new ExportError(
      'ResizeNearestNeighbor: only fixed image sizes times whole factors, without alignCorners, can be exported',
    )
  }
  const [rows, columns] = factors
  const apart = reshape(g, images, [batch, height, 1, width, 1, channels])
  const repeated = expand(g, apart, [batch, height, rows, width, columns, channels])
  return reshape(g, repeated, call.outputs[0].shape)
}

export const FlipLeftRight: Lowering = (g, call) => stepped(g, input(call, 'image'), [1, 1, -1, 1])

/** [n, h, w, b·b·c] to [n, h·b, w·b, c]. */
export const DepthToSpace: Lowering = (g, call) => {
  const x = input(call, 'x')
  const block = number(call, 'blockSize')
  if (text(call, 'dataFormat') !== 'NHWC')
    throw new ExportError('DepthToSpace: only dataFormat NHWC can be exported')
  const [batch, height, width] = x.shape
  const channels = call.outputs[0].shape[3]
  const apart = reshape(g, x, [batch, height, width, block, block, channels])
  return reshape(g, transpose(g, apart, [0, 1, 3, 2, 4, 5]), [
    batch,
    multiply(height, block),
    multiply(width, block),
    channels,
  ])
}
