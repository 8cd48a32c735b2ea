// Kernels that write, add and count at indices, repeated ones and ones outside included.

import * as tf from '@tensorflow/tfjs'
import { indicesBelow, type Values, whole } from '../session.ts'
import { float, int, type Row } from './row.ts'

/** Distinct rows of an axis of this size. */
const distinct =
  (size: string): Values =>
  (n, sizes) =>
    Int32Array.from({ length: n }, (_, i) => (i * 3 + 1) % sizes[size])

const segments = { x: float('A', 3), ids: { ...int('A'), values: indicesBelow('C') }, like: float('C') }

export const scatterRows: Row[] = [
  {
    kernel: 'UnsortedSegmentSum',
    about: 'messages to as many nodes as another input has',
    inputs: segments,
    fn: ({ x, ids, like }) =>
      tf.add(tf.unsortedSegmentSum(x, ids as tf.Tensor1D, like.shape[0]), tf.expandDims(like, 1)),
  },
  {
    kernel: 'UnsortedSegmentSum',
    about: 'ids outside are left out',
    inputs: { x: float('A', 2, 3), ids: { ...int('A'), values: whole(-2, 6) } },
    fn: ({ x, ids }) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 4),
  },
  {
    kernel: 'UnsortedSegmentSum',
    about: 'the gradient of gather',
    inputs: { x: float('A', 3), ids: { ...int('C'), values: indicesBelow('A') } },
    fn: ({ x, ids }) => tf.grad((rows) => tf.sum(tf.square(tf.gather(rows, ids as tf.Tensor1D))))(x),
  },
  {
    kernel: 'ScatterNd',
    about: 'repeated pairs of indices, sums',
    inputs: { x: float('A', 2), at: { ...int('A', 2), values: whole(0, 3) } },
    fn: ({ x, at }) => tf.scatterND(at, x, [3, 4, 2]),
  },
  {
    kernel: 'ScatterNd',
    about: 'of an open shape',
    inputs: { x: int('A'), at: { ...int('A', 1), values: indicesBelow('C') }, like: float('C') },
    fn: ({ x, at, like }) => [tf.scatterND(at, x, [like.shape[0]]), tf.exp(like)],
  },
  {
    kernel: 'TensorScatterUpdate',
    about: 'rows are replaced',
    inputs: { x: float('C', 3), at: { ...int(3, 1), values: distinct('C') }, rows: float(3, 3) },
    // The kernel of the CPU backend writes into its input.
    fn: ({ x, at, rows }) => tf.tensorScatterUpdate(tf.mul(x, 2), at, rows),
  },
  {
    kernel: 'SparseToDense',
    about: 'a value elsewhere',
    inputs: { at: { ...int(4), values: distinct('C') }, x: float(4) },
    fn: ({ x, at }) => tf.sparseToDense(at, x as tf.Tensor1D, [10], -1),
  },
  {
    kernel: 'SparseToDense',
    about: 'one value at pairs of indices',
    inputs: { at: { ...int('A', 2), values: whole(0, 3) }, x: float() },
    fn: ({ x, at }) => tf.sparseToDense(at, x as tf.Scalar, [3, 4]),
  },
  {
    kernel: 'Bincount',
    about: 'counts, and weights',
    inputs: { x: { ...int('A'), values: whole(0, 7) }, w: float('A') },
    fn: ({ x, w }) => [
      tf.bincount(x as tf.Tensor1D, tf.tensor1d([]), 5),
      tf.bincount(x as tf.Tensor1D, w as tf.Tensor1D, 7),
    ],
  },
  {
    kernel: 'DenseBincount',
    about: 'rows, weights, which occur',
    inputs: { x: { ...int('A', 'C'), values: whole(0, 7) }, w: float('A', 'C') },
    fn: ({ x, w }) => [
      tf.denseBincount(x as tf.Tensor2D, w as tf.Tensor2D, 5),
      tf.denseBincount(x as tf.Tensor2D, tf.tensor2d([], [0, 0]), 8, true),
    ],
  },
  {
    kernel: 'SearchSorted',
    about: 'both sides',
    inputs: { x: { ...float('A', 'C'), values: whole(-3, 4) } },
    fn: ({ x }) => {
      const sorted = tf.tensor1d([-2, -1, -1, 0, 2, 2])
      return (['left', 'right'] as const).map((side) => tf.searchSorted(sorted, tf.reshape(x, [-1]), side))
    },
  },
]
