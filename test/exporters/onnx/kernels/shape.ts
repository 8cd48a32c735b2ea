// Kernels that move elements about.

import * as tf from '@tensorflow/tfjs'
import { float, int, type Row } from './row.ts'

export const shapeRows: Row[] = [
  {
    kernel: 'Reshape',
    about: 'merging two sizes',
    inputs: { x: float('A', 'B', 3) },
    fn: ({ x }) => tf.exp(tf.reshape(x, [-1, 3])),
  },
  {
    kernel: 'Reshape',
    about: 'parting two sizes',
    inputs: { x: float('A', 'B'), like: float('A', 'B', 2) },
    fn: ({ x, like }) => {
      const [a, b] = x.shape
      const flat = tf.exp(tf.reshape(x, [a * b]))
      return tf.add(tf.reshape(flat, [b, 1, a]), tf.reshape(tf.mean(like), [1, 1, 1]))
    },
  },
  {
    kernel: 'Reshape',
    about: 'an axis that becomes a fixed one',
    inputs: { x: float('A', 6) },
    fn: ({ x }) => tf.reshape(x, [x.shape[0], 2, 3]),
  },
  {
    kernel: 'Reshape',
    about: 'to one number',
    inputs: { x: float(1, 1) },
    fn: ({ x }) => tf.reshape(x, []),
  },
  {
    kernel: 'ExpandDims',
    inputs: { x: float('A', 'B') },
    fn: ({ x }) => [tf.expandDims(x, 1), tf.expandDims(tf.exp(x), -1)],
  },
  {
    kernel: 'Reshape',
    about: 'squeeze',
    inputs: { x: float(1, 'A', 1, 'B') },
    fn: ({ x }) => tf.squeeze(tf.exp(x)),
  },
  { kernel: 'Transpose', inputs: { x: float('A', 'B', 3) }, fn: ({ x }) => tf.transpose(x, [2, 0, 1]) },
  { kernel: 'Transpose', about: 'reversed', inputs: { x: float('A', 'B') }, fn: ({ x }) => tf.transpose(x) },
  {
    kernel: 'Concat',
    inputs: { a: float('A', 3), b: float('B', 3) },
    fn: ({ a, b }) => tf.concat([a, b, a], 0),
  },
  {
    kernel: 'Concat',
    about: 'then used by its own size',
    inputs: { a: float('A', 3), b: float('B', 3) },
    fn: ({ a, b }) => {
      const both = tf.concat([a, b], 0)
      return tf.reshape(tf.exp(both), [1, a.shape[0] + b.shape[0], 3])
    },
  },
  {
    kernel: 'Concat',
    about: 'with a constant',
    inputs: { a: float('A', 3) },
    fn: ({ a }) => tf.concat([a, [[1, 2, 3]]]),
  },
  { kernel: 'Pack', inputs: { a: float('A'), b: float('A') }, fn: ({ a, b }) => tf.stack([a, b], 1) },
  { kernel: 'Unpack', inputs: { x: float('A', 3) }, fn: ({ x }) => tf.unstack(x, 1) },
  { kernel: 'SplitV', inputs: { x: float('A', 6) }, fn: ({ x }) => tf.split(x, [1, 2, 3], 1) },
  { kernel: 'SplitV', about: 'equal parts', inputs: { x: float('A', 6) }, fn: ({ x }) => tf.split(x, 3, -1) },
  { kernel: 'Slice', inputs: { x: float('A', 5) }, fn: ({ x }) => tf.slice(x, [0, 1], [-1, 3]) },
  {
    kernel: 'Slice',
    about: 'all but the last row',
    inputs: { x: float('A', 2) },
    fn: ({ x }) => tf.slice(x, [0, 0], [x.shape[0] - 1, 2]),
  },
  {
    kernel: 'Slice',
    about: 'the last row',
    inputs: { x: float('A', 2) },
    fn: ({ x }) => tf.slice(x, [x.shape[0] - 1, 0], [1, 2]),
  },
  {
    kernel: 'Slice',
    about: 'as many rows as another input has',
    inputs: { x: float('A', 3), y: float('B', 3) },
    fn: ({ x, y }) => tf.mul(tf.slice(tf.concat([x, y]), 0, y.shape[0]), y),
  },
  {
    kernel: 'StridedSlice',
    about: 'steps, negative bounds',
    inputs: { x: float('A', 7) },
    fn: ({ x }) => tf.stridedSlice(x, [0, -6], [x.shape[0], -1], [1, 2]),
  },
  {
    kernel: 'StridedSlice',
    about: 'masks: new axis, ellipsis, dropped axis',
    inputs: { x: float('A', 'B', 5) },
    fn: ({ x }) => tf.stridedSlice(x, [0, 0, 1, 0], [0, 0, 2, 4], [1, 1, 1, 1], 8, 0, 2, 1, 4),
  },
  {
    kernel: 'StridedSlice',
    about: 'backwards',
    inputs: { x: float('A', 5) },
    fn: ({ x }) => [
      tf.stridedSlice(x, [0, 0], [0, 0], [-1, -2], 3, 3),
      tf.stridedSlice(x, [0, 3], [0, 0], [1, -1], 1, 1),
      tf.stridedSlice(x, [0, -2], [0, -9], [1, -2], 1, 1),
    ],
  },
  {
    kernel: 'StridedSlice',
    about: 'the last row, dropped',
    inputs: { x: float('A', 2) },
    fn: ({ x }) => tf.stridedSlice(x, [-1], [0], [1], 0, 0, 0, 0, 1),
  },
  {
    kernel: 'Tile',
    about: 'an axis of size 1',
    inputs: { x: float('A', 1) },
    fn: ({ x }) => tf.tile(x, [1, 4]),
  },
  { kernel: 'Tile', inputs: { x: float('A', 2) }, fn: ({ x }) => tf.tile(x, [2, 3]) },
  {
    kernel: 'Tile',
    about: 'as often as another input is long',
    inputs: { x: float(1, 3), y: float('A') },
    fn: ({ x, y }) => tf.mul(tf.tile(x, [y.shape[0], 1]), tf.expandDims(y, 1)),
  },
  {
    kernel: 'Tile',
    about: 'broadcastTo',
    inputs: { x: float('A', 1), y: float('B') },
    fn: ({ x, y }) => [tf.broadcastTo(x, [x.shape[0], y.shape[0]]), tf.exp(y)],
  },
  {
    kernel: 'Fill',
    about: 'constants of a symbolic shape',
    inputs: { x: float('A', 'B') },
    fn: ({ x }) => {
      const [a, b] = x.shape
      return tf.concat([tf.fill([a, b], 2.5), x, tf.ones([a, 1]), tf.zeros([a, b])], 1)
    },
  },
  {
    kernel: 'PadV2',
    inputs: { x: float('A', 3) },
    fn: ({ x }) =>
      tf.pad(
        x,
        [
          [1, 2],
          [0, 1],
        ],
        0.5,
      ),
  },
  {
    kernel: 'PadV2',
    about: 'int32, as much as the axis is long',
    inputs: { x: int('A', 3) },
    fn: ({ x }) =>
      tf.pad(x, [
        [0, x.shape[0]],
        [0, 0],
      ]),
  },
  {
    kernel: 'MirrorPad',
    inputs: { x: float('A', 4) },
    fn: ({ x }) =>
      tf.mirrorPad(
        x,
        [
          [0, 0],
          [2, 1],
        ],
        'reflect',
      ),
  },
  { kernel: 'Reverse', inputs: { x: float('A', 'B', 2) }, fn: ({ x }) => tf.reverse(x, [0, -1]) },
]
