// Kernels that move elements about, pick or scatter them.

import { backend_util, slice_util, util } from '@tensorflow/tfjs-core'
import { axisOf, list, type ShapeCall, type TypedRule } from './rule.ts'

/** One result in the type of input `name`. */
const like =
  (name: string, shape: (call: ShapeCall) => readonly number[]): TypedRule =>
  (call) => [{ dtype: call.inputs[name].dtype, shape: shape(call) }]

const padded = ({ inputs: { x }, attrs }: ShapeCall) =>
  x.shape.map((size, axis) => {
    const [before, after] = (attrs.paddings as number[][])[axis]
    return before + size + after
  })

const unpack: TypedRule = ({ inputs: { value }, attrs }) => {
  const axis = axisOf(attrs.axis, value.shape.length)
  const shape = value.shape.toSpliced(axis, 1)
  return Array.from({ length: value.shape[axis] }, () => ({ dtype: value.dtype, shape }))
}

const split: TypedRule = ({ inputs: { x }, attrs }) => {
  const axis = axisOf(attrs.axis, x.shape.length)
  const sizes = backend_util.prepareSplitSize(x as never, attrs.numOrSizeSplits as number[], axis)
  return sizes.map((size) => ({ dtype: x.dtype, shape: x.shape.with(axis, size) }))
}

const topK: TypedRule = ({ inputs: { x }, attrs }) => {
  const shape = x.shape.with(-1, attrs.k as number)
  return [
    { dtype: x.dtype, shape },
    { dtype: 'int32', shape },
  ]
}

function gathered({ inputs: { x, indices }, attrs }: ShapeCall): number[] {
  const axis = axisOf(attrs.axis, x.shape.length)
  const batch = axisOf(attrs.batchDims, indices.shape.length)
  return [...x.shape.slice(0, axis), ...indices.shape.slice(batch), ...x.shape.slice(axis + 1)]
}

function concatenated({ inputs, attrs }: ShapeCall): number[] {
  const shapes = Object.values(inputs).map(({ shape }) => shape)
  const axis = axisOf(attrs.axis, shapes[0].length)
  return shapes[0].with(
    axis,
    shapes.reduce((sum, shape) => sum + shape[axis], 0),
  )
}

function strided({ inputs: { x }, attrs }: ShapeCall): number[] {
  const mask = (name: string) => attrs[name] as number
  const masks = ['beginMask', 'endMask', 'ellipsisMask', 'newAxisMask', 'shrinkAxisMask'].map(mask)
  const [begin, end, strides] = [attrs.begin, attrs.end, attrs.strides].map(list)
  const [b, e, ellipsis, added, dropped] = masks
  return slice_util.sliceInfo(x.shape, begin, end, strides, b, e, ellipsis, added, dropped).finalShape
}

function sliced({ inputs: { x }, attrs }: ShapeCall): number[] {
  const [begin, size] = slice_util.parseSliceParams(x as never, list(attrs.begin), list(attrs.size))
  slice_util.assertParamsValid(x as never, begin, size)
  return size
}

function spaceToBatch({ inputs: { x }, attrs }: ShapeCall): number[] {
  const sizes = list(attrs.blockShape)
  const paddings = attrs.paddings as number[][]
  return x.shape.map((size, axis) => {
    if (axis === 0) return sizes.reduce((product, block) => product * block, size)
    const block = sizes[axis - 1]
    return block === undefined ? size : (size + paddings[axis - 1][0] + paddings[axis - 1][1]) / block
  })
}

function batchToSpace({ inputs: { x }, attrs }: ShapeCall): number[] {
  const sizes = list(attrs.blockShape)
  const crops = attrs.crops as number[][]
  return x.shape.map((size, axis) => {
    if (axis === 0) return sizes.reduce((rest, block) => rest / block, size)
    const block = sizes[axis - 1]
    return block === undefined ? size : size * block - crops[axis - 1][0] - crops[axis - 1][1]
  })
}

/** A tensor of another type with the sizes of input `name`. */
const typed =
  (dtype: string, name: string): TypedRule =>
  ({ inputs }) => [{ dtype, shape: inputs[name].shape }]

const complexes: Readonly<Record<string, TypedRule>> = {
  Complex: typed('complex64', 'real'),
  ComplexAbs: typed('float32', 'x'),
  FFT: typed('complex64', 'input'),
  IFFT: typed('complex64', 'input'),
  Imag: typed('float32', 'input'),
  Real: typed('float32', 'input'),
}

export const arrangements: Readonly<Record<string, TypedRule>> = {
  ...complexes,
  BatchToSpaceND: like('x', batchToSpace),
  Bincount: like('weights', ({ attrs }) => [attrs.size as number]),
  Concat: like('0', concatenated),
  DenseBincount: like('weights', ({ inputs: { x }, attrs }) => [
    ...x.shape.slice(0, -1),
    attrs.size as number,
  ]),
  DepthToSpace: like('x', ({ inputs: { x }, attrs }) => {
    const block = attrs.blockSize as number
    const [batch, ...rest] = x.shape
    if (attrs.dataFormat !== 'NHWC') return [batch, rest[0] / block ** 2, rest[1] * block, rest[2] * block]
    return [batch, rest[0] * block, rest[1] * block, rest[2] / block ** 2]
  }),
  Diag: like('x', ({ inputs: { x } }) => [...x.shape, ...x.shape]),
  ExpandDims: like('input', ({ inputs: { input }, attrs }) =>
    input.shape.toSpliced(axisOf(attrs.dim, input.shape.length + 1), 0, 1),
  ),
  GatherNd: like('params', ({ inputs: { params, indices } }) => [
    ...indices.shape.slice(0, -1),
    ...params.shape.slice(indices.shape.at(-1)),
  ]),
  GatherV2: like('x', gathered),
  Identity: like('x', ({ inputs: { x } }) => x.shape),
  MirrorPad: like('x', padded),
  OneHot: ({ inputs: { indices }, attrs }) => [
    { dtype: String(attrs.dtype), shape: [...indices.shape, attrs.depth as number] },
  ],
  Pack: like('0', ({ inputs, attrs }) => {
    const parts = Object.values(inputs)
    const { shape } = parts[0]
    return shape.toSpliced(axisOf(attrs.axis, shape.length + 1), 0, parts.length)
  }),
  PadV2: like('x', padded),
  Reshape: like('x', ({ inputs: { x }, attrs }) => {
    const shape = util.inferFromImplicitShape(list(attrs.shape), util.sizeFromShape(x.shape))
    util.assert(
      util.sizeFromShape(shape) === util.sizeFromShape(x.shape),
      () => `[${x.shape}] cannot be reshaped to [${attrs.shape}]`,
    )
    return shape
  }),
  ResizeNearestNeighbor: like('images', ({ inputs: { images }, attrs }) => [
    images.shape[0],
    ...list(attrs.size),
    images.shape[3],
  ]),
  ScatterNd: like('updates', ({ attrs }) => list(attrs.shape)),
  SearchSorted: ({ inputs: { values } }) => [{ dtype: 'int32', shape: values.shape }],
  Slice: like('x', sliced),
  SpaceToBatchND: like('x', spaceToBatch),
  SparseToDense: like('sparseValues', ({ attrs }) => list(attrs.outputShape)),
  SplitV: split,
  StridedSlice: like('x', strided),
  TensorScatterUpdate: like('tensor', ({ inputs: { tensor } }) => tensor.shape),
  Tile: like('x', ({ inputs: { x }, attrs }) => x.shape.map((size, axis) => size * list(attrs.reps)[axis])),
  TopK: topK,
  Transform: like('image', ({ inputs: { image }, attrs }) => {
    const [batch, height, width, channels] = image.shape
    return [batch, ...list(attrs.outputShape ?? [height, width]), channels]
  }),
  Transpose: like('x', ({ inputs: { x }, attrs }) => list(attrs.perm).map((axis) => x.shape[axis])),
  Unpack: unpack,
  // Masks of float32 are multiplied with the rows, whatever those are.
  UnsortedSegmentSum: ({ inputs: { x, segmentIds }, attrs }) => [
    { dtype: 'float32', shape: [attrs.numSegments as number, ...x.shape.slice(segmentIds.shape.length)] },
  ],
}
