// Convolution, pooling and their gradients, and images of another size. All are float32 whatever they are given.

import { backend_util } from '@tensorflow/tfjs-core'
import { list, type ShapeCall } from './rule.ts'

type Pad = Parameters<typeof backend_util.computePool2DInfo>[4]
type Pair = [number, number]
type Rank4 = [number, number, number, number]
type Rank5 = [number, number, number, number, number]
type Rounding = 'floor' | 'round' | 'ceil' | undefined

const convolution =
  (depthwise: boolean) =>
  ({ inputs: { x, filter }, attrs }: ShapeCall): number[] =>
    backend_util.computeConv2DInfo(
      x.shape as Rank4,
      filter.shape as Rank4,
      attrs.strides as Pair,
      (attrs.dilations ?? 1) as Pair,
      attrs.pad as Pad,
      attrs.dimRoundingMode as Rounding,
      depthwise,
      backend_util.convertConv2DDataFormat((attrs.dataFormat ?? 'NHWC') as 'NHWC'),
    ).outShape

const pool2d = ({ inputs: { x }, attrs }: ShapeCall): number[] =>
  backend_util.computePool2DInfo(
    x.shape as Rank4,
    attrs.filterSize as Pair,
    attrs.strides as Pair,
    1,
    attrs.pad as Pad,
    attrs.dimRoundingMode as Rounding,
  ).outShape

const pool3d = ({ inputs: { x }, attrs }: ShapeCall): number[] =>
  backend_util.computePool3DInfo(
    x.shape as Rank5,
    attrs.filterSize as [number, number, number],
    attrs.strides as [number, number, number],
    1,
    attrs.pad as 'same' | 'valid',
    attrs.dimRoundingMode as Rounding,
    attrs.dataFormat as 'NDHWC' | undefined,
  ).outShape

const conv3d = ({ inputs: { x, filter }, attrs }: ShapeCall): number[] =>
  backend_util.computeConv3DInfo(
    x.shape as Rank5,
    filter.shape as Rank5,
    attrs.strides as number,
    (attrs.dilations ?? 1) as number,
    attrs.pad as 'same' | 'valid',
  ).outShape

/** Boxes to crops of one size. */
const crops = ({ inputs: { image, boxes }, attrs: { cropSize } }: ShapeCall): number[] => [
  boxes.shape[0],
  ...list(cropSize),
  image.shape[3],
]

const named =
  (attribute: string) =>
  ({ attrs }: ShapeCall): number[] =>
    list(attrs[attribute])

const given =
  (input: string) =>
  ({ inputs }: ShapeCall): number[] =>
    inputs[input].shape

const resized = ({ inputs: { images }, attrs: { size } }: ShapeCall): number[] => [
  images.shape[0],
  ...list(size),
  images.shape[3],
]

export const windows: Readonly<Record<string, (call: ShapeCall) => number[]>> = {
  AvgPool: pool2d,
  AvgPool3D: pool3d,
  AvgPoolGrad: given('input'),
  Conv2D: convolution(false),
  Conv2DBackpropFilter: named('filterShape'),
  Conv2DBackpropInput: named('inputShape'),
  Conv3D: conv3d,
  Conv3DBackpropInputV2: named('inputShape'),
  CropAndResize: crops,
  DepthwiseConv2dNative: convolution(true),
  FusedConv2D: convolution(false),
  FusedDepthwiseConv2D: convolution(true),
  MaxPool: pool2d,
  MaxPool3D: pool3d,
  MaxPoolGrad: given('input'),
  ResizeBilinear: resized,
}
