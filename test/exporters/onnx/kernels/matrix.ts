// Matrix products, indexing and image kernels.

import * as tf from '@tensorflow/tfjs'
import { indicesBelow, uniform, whole } from '../session.ts'
import { float, int, type Row } from './row.ts'

const { fused } = tf
const weights = (...shape: number[]) => tf.randomUniform(shape, -1, 1, 'float32', shape.length + shape[0])
const [filter, depthFilter] = [weights(3, 3, 2, 4), weights(3, 3, 2, 2)]
const matrix = weights(5, 7) as tf.Tensor2D
const image = float('A', 6, 8, 2)

export const matrixRows: Row[] = [
  {
    kernel: 'BatchMatMul',
    inputs: { a: float('A', 5), b: float(5, 'B') },
    fn: ({ a, b }) => tf.matMul(a, b),
  },
  {
    kernel: 'BatchMatMul',
    about: 'transposed, batched, broadcast',
    inputs: { a: float('A', 2, 5, 'B'), b: float(1, 2, 'C', 5) },
    fn: ({ a, b }) => tf.matMul(a, b, true, true),
  },
  {
    kernel: 'BatchMatMul',
    about: 'a constant weight, transposed',
    inputs: { a: float('A', 7) },
    fn: ({ a }) => tf.matMul(a, matrix, false, true),
  },
  {
    kernel: 'BatchMatMul',
    about: 'dot',
    inputs: { a: float('A'), b: float('A') },
    fn: ({ a, b }) => tf.dot(a, b),
  },
  ...(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const).map(
    (activation): Row => ({
      kernel: '_FusedMatMul',
      about: activation,
      inputs: { a: float('A', 5), bias: float(7) },
      fn: ({ a, bias }) =>
        fused.matMul({ a: a as tf.Tensor2D, b: matrix, bias, activation, leakyreluAlpha: 0.1 }),
    }),
  ),
  {
    kernel: '_FusedMatMul',
    about: 'prelu',
    inputs: { a: float('A', 5), w: float(7) },
    fn: ({ a, w }) =>
      fused.matMul({ a: a as tf.Tensor2D, b: matrix, activation: 'prelu', preluActivationWeights: w }),
  },
  ...[
    'ij,jk->ik',
    'aij,akj->aik',
    'ahsd,ahtd->ahst',
    'ij,ij->i',
    'ij,kl->ijkl',
    'bij,bj->bi',
    'abi,ci->cba',
    'i,i->',
  ].map((equation): Row => {
    const size: Record<string, number | string> = {
      a: 'A',
      b: 'B',
      c: 2,
      h: 2,
      i: 3,
      j: 'C',
      k: 4,
      l: 5,
      s: 'B',
      t: 6,
      d: 5,
    }
    const [a, b] = equation.split('->')[0].split(',')
    return {
      kernel: 'Einsum',
      about: equation,
      inputs: { a: float(...[...a].map((l) => size[l])), b: float(...[...b].map((l) => size[l])) },
      fn: (inputs) => tf.einsum(equation, inputs.a, inputs.b),
    }
  }),
  {
    kernel: 'Einsum',
    about: 'ijk->ki',
    inputs: { a: float('A', 'B', 3) },
    fn: ({ a }) => tf.einsum('ijk->ki', a),
  },
  {
    kernel: 'GatherV2',
    about: 'rows',
    inputs: { x: float('A', 3), i: { ...int('B', 2), values: indicesBelow('A') } },
    fn: ({ x, i }) => tf.gather(x, i as tf.Tensor2D),
  },
  {
    kernel: 'GatherV2',
    about: 'last axis of a constant',
    inputs: { i: { ...int('A'), values: indicesBelow(7) } },
    fn: ({ i }) => tf.gather(matrix, i as tf.Tensor1D, -1),
  },
  {
    kernel: 'GatherV2',
    about: 'one batch axis',
    inputs: { x: float('A', 'B', 3), i: { ...int('A', 5), values: indicesBelow('B') } },
    fn: ({ x, i }) => tf.gather(x, i as tf.Tensor2D, 1, 1),
  },
  {
    kernel: 'GatherV2',
    about: 'one batch axis, gathering a later one',
    inputs: { x: float('A', 2, 'B', 3), i: { ...int('A', 2, 'C'), values: indicesBelow('B') } },
    fn: ({ x, i }) => tf.gather(x, i as tf.Tensor1D, 2, 1),
  },
  {
    kernel: 'GatherNd',
    about: 'rows',
    inputs: { x: float('A', 3), i: { ...int('B', 'C', 1), values: indicesBelow('A') } },
    fn: ({ x, i }) => tf.gatherND(x, i),
  },
  {
    kernel: 'GatherNd',
    about: 'fixed axes',
    inputs: { x: float('A', 3, 2), i: { ...int('B', 2), values: indicesBelow(3) } },
    fn: ({ x, i }) => tf.gatherND(tf.transpose(x, [1, 2, 0]), tf.minimum(i, tf.tensor1d([2, 1], 'int32'))),
  },
  {
    kernel: 'GatherNd',
    about: 'symbolic axes',
    inputs: { x: float('A', 'B', 2), i: { ...int('C', 2), values: indicesBelow(2) } },
    fn: ({ x, i }) => tf.gatherND(x, i),
  },
  {
    kernel: 'OneHot',
    inputs: { i: { ...int('A', 'B'), values: whole(-1, 6) } },
    fn: ({ i }) => [tf.oneHot(i as tf.Tensor1D, 5), tf.oneHot(i as tf.Tensor1D, 4, 2, -1)],
  },
  {
    kernel: 'Conv2D',
    about: 'same',
    inputs: { x: float('A', 'B', 'C', 2) },
    fn: ({ x }) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'),
  },
  {
    kernel: 'Conv2D',
    about: 'valid, stride 2',
    inputs: { x: image },
    fn: ({ x }) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 'valid'),
  },
  {
    kernel: 'Conv2D',
    about: 'same, strides 2 and 3',
    inputs: { x: image },
    fn: ({ x }) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 3], 'same'),
  },
  {
    kernel: 'Conv2D',
    about: 'dilated, padded by hand',
    inputs: { x: image },
    fn: ({ x }) =>
      tf.conv2d(
        x as tf.Tensor4D,
        filter as tf.Tensor4D,
        1,
        [
          [0, 0],
          [2, 1],
          [1, 3],
          [0, 0],
        ],
        'NHWC',
        [2, 1],
      ),
  },
  {
    kernel: 'Conv2D',
    about: 'one-dimensional',
    inputs: { x: float('A', 'B', 2) },
    fn: ({ x }) =>
      tf.conv1d(x as tf.Tensor3D, tf.reshape(filter.slice([0], [1]), [3, 2, 4]) as tf.Tensor3D, 1, 'same'),
  },
  {
    kernel: 'FusedConv2D',
    inputs: { x: image, bias: float(4) },
    fn: ({ x, bias }) =>
      fused.conv2d({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        strides: 1,
        pad: 'same',
        bias,
        activation: 'relu',
      }),
  },
  {
    kernel: 'DepthwiseConv2dNative',
    inputs: { x: image },
    fn: ({ x }) => tf.depthwiseConv2d(x as tf.Tensor4D, depthFilter as tf.Tensor4D, 2, 'same'),
  },
  {
    kernel: 'FusedDepthwiseConv2D',
    inputs: { x: image, bias: float(4) },
    fn: ({ x, bias }) =>
      fused.depthwiseConv2d({
        x: x as tf.Tensor4D,
        filter: depthFilter as tf.Tensor4D,
        strides: 1,
        pad: 'valid',
        bias,
        activation: 'relu6',
      }),
  },
  ...(
    [
      [2, 'same'],
      [1, 'valid'],
      [[3, 4], 'same'],
    ] as const
  ).map(
    ([strides, pad]): Row => ({
      kernel: 'Conv2DBackpropInput',
      about: `transposed convolution, strides ${strides}, ${pad}`,
      inputs: { x: float('A', 5, 6, 4) },
      fn: ({ x }) => {
        const [rows, columns] =
          [strides].flat(2).length === 1 ? [strides, strides] : (strides as readonly number[])
        const grown = (size: number, stride: number) =>
          pad === 'same' ? size * stride : (size - 1) * stride + 3
        const size = [grown(5, rows as number), grown(6, columns as number)] as const
        return tf.conv2dTranspose(
          x as tf.Tensor4D,
          filter as tf.Tensor4D,
          [x.shape[0], ...size, 2],
          strides as [number, number],
          pad,
        )
      },
    }),
  ),
  {
    kernel: 'ResizeNearestNeighbor',
    inputs: { x: image },
    fn: ({ x }) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [12, 24]),
  },
  {
    kernel: 'FlipLeftRight',
    inputs: { x: image },
    fn: ({ x }) => tf.image.flipLeftRight(x as tf.Tensor4D),
  },
  {
    kernel: 'DepthToSpace',
    inputs: { x: float('A', 'B', 'C', 12) },
    fn: ({ x }) => tf.depthToSpace(x as tf.Tensor4D, 2),
  },
  {
    kernel: 'MaxPool',
    inputs: { x: image },
    fn: ({ x }) => [tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'), tf.maxPool(x as tf.Tensor4D, 3, 2, 'same')],
  },
  {
    kernel: 'AvgPool',
    about: 'the padding does not count',
    inputs: { x: image },
    fn: ({ x }) => [tf.avgPool(x as tf.Tensor4D, 3, 2, 'same'), tf.avgPool(x as tf.Tensor4D, 2, 1, 1)],
  },
  {
    kernel: 'FusedBatchNorm',
    inputs: {
      x: image,
      m: float(2),
      v: { ...float(2), values: uniform(0.1, 2) },
      o: float(2),
      s: float(2),
    },
    fn: ({ x, m, v, o, s }) =>
      tf.batchNorm(
        x as tf.Tensor4D,
        m as tf.Tensor1D,
        v as tf.Tensor1D,
        o as tf.Tensor1D,
        s as tf.Tensor1D,
        0.01,
      ),
  },
  {
    kernel: 'FusedBatchNorm',
    about: 'constants, no scale or offset',
    inputs: { x: float('A', 2) },
    fn: ({ x }) => tf.batchNorm(x as tf.Tensor2D, tf.tensor1d([0.5, -1]), tf.tensor1d([2, 0.25])),
  },
]
