// Kernels whose sizes are rounded or limited, and constants that follow from sizes, as programs write them.

import * as tf from '@tensorflow/tfjs'
import { float, int, type Row } from './row.ts'

const images = float('B', 'A', 'C', 3)
const filter = tf.tensor4d(
  Array.from({ length: 3 * 3 * 3 * 4 }, (_, i) => Math.sin(i)),
  [3, 3, 3, 4],
)
const square = float('A', 'A')

export const sizeRows: Row[] = [
  ...[32, 128].map(
    (step): Row => ({
      kernel: 'PadV2',
      about: `up to a multiple of ${step}`,
      inputs: { x: float('A', 3) },
      fn: ({ x }) =>
        tf.pad(x, [
          [0, (step - (x.shape[0] % step)) % step],
          [0, 0],
        ]),
      at: { A: step + 7 },
    }),
  ),
  {
    kernel: 'PadV2',
    about: 'up to a small size',
    inputs: { x: float('A', 3) },
    fn: ({ x }) =>
      tf.pad(x, [
        [0, Math.max(0, 3 - x.shape[0])],
        [0, 0],
      ]),
    at: { A: 1 },
  },
  {
    kernel: 'Tile',
    about: 'between two sizes',
    inputs: { x: float('A', 3) },
    fn: ({ x }) => tf.tile(x, [Math.min(Math.max(x.shape[0], 4), 9), 1]),
    at: { A: 12 },
  },
  {
    kernel: 'Slice',
    about: 'at most 2',
    inputs: { x: float('A', 3) },
    fn: ({ x }) => tf.slice(x, [0, 0], [Math.min(2, x.shape[0]), 3]),
    at: { A: 1 },
  },
  {
    kernel: 'Concat',
    about: 'of four open sizes',
    inputs: { a: float('A'), b: float('B'), c: float('C'), d: float('D') },
    fn: ({ a, b, c, d }) => tf.concat([a, b, c, d, a]),
    at: { A: 6, B: 4, C: 9, D: 1 },
  },
  {
    kernel: 'Conv2D',
    about: 'a stride over open images, same and valid',
    inputs: { x: images },
    fn: ({ x }) => [
      tf.conv2d(x as tf.Tensor4D, filter, 2, 'same'),
      tf.conv2d(x as tf.Tensor4D, filter, [1, 2], 'valid'),
    ],
  },
  {
    kernel: 'MaxPool',
    about: 'a stride over open images, flattened after',
    inputs: { x: images },
    fn: ({ x }) => {
      const half = tf.maxPool(x as tf.Tensor4D, 2, 2, 'same')
      const [b, h, w, c] = half.shape
      return tf.matMul(tf.reshape(half, [b, h * w, c]), tf.ones([3, 2]))
    },
  },
  {
    kernel: 'AvgPool',
    about: 'windows that overlap on open images',
    inputs: { x: images },
    fn: ({ x }) => tf.avgPool(x as tf.Tensor4D, 3, 2, 'same'),
  },
  {
    kernel: 'Conv2DBackpropInput',
    about: 'open images twice as large',
    inputs: { x: float('B', 'A', 'C', 4) },
    fn: ({ x }) => {
      const [b, h, w] = x.shape
      return tf.conv2dTranspose(x as tf.Tensor4D, filter, [b, h * 2, w! * 2, 3] as never, 2, 'same')
    },
  },
  {
    kernel: 'ResizeBilinear',
    about: 'larger and smaller, corners, half pixels',
    inputs: { x: float('B', 5, 7, 2) },
    fn: ({ x }) => [
      tf.image.resizeBilinear(x as tf.Tensor4D, [8, 4]),
      tf.image.resizeBilinear(x as tf.Tensor4D, [3, 13], true),
      tf.image.resizeBilinear(x as tf.Tensor4D, [11, 5], false, true),
    ],
  },
  {
    kernel: 'ResizeBilinear',
    about: 'of open images, twice and to the size of another',
    inputs: { x: float('B', 'A', 'C', 2), y: float('C', 'A') },
    fn: ({ x, y }) => {
      const [, h, w] = x.shape as [number, number, number]
      const twice = tf.image.resizeBilinear(x as tf.Tensor4D, [2 * h, 2 * w], false, true)
      return [twice, tf.image.resizeBilinear(x as tf.Tensor4D, y.shape as [number, number]), tf.exp(y)]
    },
  },
  {
    kernel: 'ResizeNearestNeighbor',
    about: 'no whole factors, corners, open images',
    inputs: { x: float('B', 5, 7, 2), y: float('B', 'A', 'C', 2) },
    fn: ({ x, y }) => {
      const [, h, w] = y.shape as [number, number, number]
      return [
        tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [8, 4]),
        tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [9, 13], true),
        tf.image.resizeNearestNeighbor(y as tf.Tensor4D, [2 * h, 3 * w]),
      ]
    },
  },
  {
    kernel: 'Slice',
    about: 'halves and thirds',
    inputs: { x: float('A', 3) },
    fn: ({ x }) => [
      tf.slice(x, [0, 0], [Math.floor(x.shape[0] / 2), 3]),
      tf.slice(x, [Math.ceil(x.shape[0] / 3), 0], [-1, 3]),
      tf.slice(x, [0, 0], [Math.min(x.shape[0], 5), 3]),
    ],
  },
  {
    kernel: 'PadV2',
    about: 'up to a size, if the axis is shorter',
    inputs: { x: float('A', 3), y: float('C', 3) },
    fn: ({ x, y }) =>
      [x, y].map((z) =>
        tf.pad(z, [
          [0, Math.max(8 - z.shape[0], 0)],
          [0, 0],
        ] as [number, number][]),
      ),
  },
  {
    kernel: 'StridedSlice',
    about: 'every second and third of an open axis',
    inputs: { x: float('A', 3) },
    fn: ({ x }) => [
      tf.stridedSlice(x, [0, 0], [x.shape[0], 3], [2, 1]),
      tf.stridedSlice(x, [1, 0], [x.shape[0], 3], [3, 1]),
    ],
  },
  {
    kernel: 'Multiply',
    about: 'numbers made of sizes',
    inputs: { x: float('A', 'C') },
    fn: ({ x }) => {
      const [a, c] = x.shape as [number, number]
      const scaled = tf.div(tf.mul(tf.div(x, a), Math.sqrt(c)), Math.log(a) + Math.log(a))
      return tf.mul(scaled, 1 / (c - 1))
    },
  },
  {
    kernel: 'Multiply',
    about: 'range, linspace, shape as a tensor',
    inputs: { x: float('A', 'C') },
    fn: ({ x }) => {
      const [a, c] = x.shape as [number, number]
      const rows = tf.reshape(tf.range(0, a), [-1, 1])
      return tf.mul(tf.mul(tf.mul(x, rows), tf.linspace(-1, 2, c)), tf.sum(tf.tensor1d([a, c])))
    },
  },
  {
    kernel: 'Diag',
    inputs: { x: float('A'), y: int(2, 3) },
    fn: ({ x, y }) => [tf.diag(x), tf.diag(y)],
  },
  {
    kernel: 'LinSpace',
    inputs: { x: float('A') },
    fn: ({ x }) => tf.add(x, tf.linspace(2, x.shape[0], x.shape[0])),
  },
  {
    kernel: 'Add',
    about: 'a causal mask',
    inputs: { x: square },
    fn: ({ x }) => {
      const visible = tf.linalg.bandPart(tf.ones(x.shape as [number, number]), -1, 0)
      return tf.softmax(tf.add(x, tf.mul(tf.sub(1, visible), -1e9)))
    },
  },
  {
    kernel: 'Select',
    about: 'a band of what depends on the input',
    inputs: { x: square },
    fn: ({ x }) => tf.linalg.bandPart(x, 2, 1),
  },
  {
    kernel: 'Add',
    about: 'eye and a mask made in JavaScript',
    inputs: { x: square },
    fn: ({ x }) => {
      const n = x.shape[0]
      const later = tf.tensor2d(
        Array.from({ length: n * n }, (_, i) => (i % n > Math.floor(i / n) ? -5 : 0)),
        [n, n],
      )
      return tf.add(tf.add(x, tf.eye(n)), later)
    },
  },
  {
    kernel: 'Add',
    about: 'a position encoding',
    inputs: { x: float('B', 'A', 4) },
    fn: ({ x }) => {
      const [, length, d] = x.shape as [number, number, number]
      const rates = tf.exp(tf.mul(tf.range(0, d / 2), (-2 * Math.log(10000)) / d))
      const angles = tf.mul(tf.expandDims(tf.range(0, length), 1), tf.expandDims(rates, 0))
      return tf.add(x, tf.concat([tf.sin(angles), tf.cos(angles)], 1))
    },
  },
  {
    kernel: 'Range',
    about: 'integers that count',
    inputs: { x: int('A') },
    fn: ({ x }) => tf.maximum(x, tf.range(0, x.shape[0], 1, 'int32')),
  },
]
