// Reductions, softmax, running sums and the largest entries, with ties, negative axes and no axis.

import * as tf from '@tensorflow/tfjs'
import { type Values, whole } from '../session.ts'
import { bool, float, int, type Row } from './row.ts'

type Reduction = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor

const reduction = (kernel: string, fn: Reduction, values?: Values): Row[] => [
  { kernel, about: 'last axis', inputs: { x: { ...float('A', 'B', 3), values } }, fn: ({ x }) => fn(x, -1) },
  {
    kernel,
    about: 'two axes, kept',
    inputs: { x: { ...float('A', 'B', 3), values } },
    fn: ({ x }) => fn(x, [0, 2], true),
  },
  { kernel, about: 'all axes', inputs: { x: { ...float('A', 'B'), values } }, fn: ({ x }) => fn(x) },
  {
    kernel,
    about: 'int32',
    inputs: { x: { ...int('A', 3), values: whole(-3, 4) } },
    fn: ({ x }) => fn(x, 1),
  },
]

const logical = (kernel: string, fn: Reduction): Row[] => [
  { kernel, about: 'one axis', inputs: { x: bool('A', 2) }, fn: ({ x }) => fn(x, 1) },
  { kernel, about: 'all axes', inputs: { x: bool('A', 'B') }, fn: ({ x }) => fn(x) },
]

const ties = { x: { ...float('A', 7), values: whole(0, 3) } }

export const reduceRows: Row[] = [
  ...reduction('Sum', tf.sum),
  ...reduction('Mean', tf.mean),
  ...reduction('Max', tf.max),
  ...reduction('Min', tf.min),
  ...reduction('Prod', tf.prod),
  ...logical('All', tf.all),
  ...logical('Any', tf.any),
  { kernel: 'ArgMax', about: 'ties', inputs: ties, fn: ({ x }) => tf.argMax(x, 1) },
  { kernel: 'ArgMax', about: 'first axis', inputs: { x: float('A', 'B') }, fn: ({ x }) => tf.argMax(x, 0) },
  { kernel: 'ArgMax', about: 'int32', inputs: { x: int('A', 3) }, fn: ({ x }) => tf.argMax(x, -1) },
  { kernel: 'ArgMin', about: 'ties', inputs: ties, fn: ({ x }) => tf.argMin(x, -1) },
  { kernel: 'Softmax', inputs: { x: float('A', 'B', 'C') }, fn: ({ x }) => tf.softmax(x) },
  {
    kernel: 'Softmax',
    about: 'masked by −1e30',
    inputs: { x: float('A', 'B'), m: { ...float('A', 'B'), values: whole(0, 2) } },
    fn: ({ x, m }) => tf.softmax(tf.add(x, tf.mul(m, -1e30))),
  },
  {
    kernel: 'Exp',
    about: 'log-softmax, which is no kernel on the CPU',
    inputs: { x: float('A', 'B') },
    fn: ({ x }) => tf.logSoftmax(x),
  },
  {
    kernel: 'Log',
    about: 'log-sum-exp',
    inputs: { x: float('A', 'B') },
    fn: ({ x }) => tf.logSumExp(x, 1, true),
  },
  {
    kernel: 'Sum',
    about: 'norm',
    inputs: { x: float('A', 3) },
    fn: ({ x }) => [tf.norm(x, 'euclidean', -1), tf.norm(x, 1, 1, true)],
  },
  {
    kernel: 'Mean',
    about: 'moments',
    inputs: { x: float('A', 'B') },
    fn: ({ x }) => ({ ...tf.moments(x, 1) }),
  },
  { kernel: 'Cumsum', inputs: { x: float('A', 'B') }, fn: ({ x }) => tf.cumsum(x, 1) },
  {
    kernel: 'Cumsum',
    about: 'first axis, exclusive, reverse',
    inputs: { x: float('A', 'B') },
    fn: ({ x }) => tf.cumsum(x, 0, true, true),
  },
  {
    kernel: 'Cumsum',
    about: 'positions along a symbolic axis',
    inputs: { x: int('A') },
    fn: ({ x }) => tf.cumsum(tf.onesLike(x), 0, true),
  },
  {
    kernel: 'Cumprod',
    about: 'both ways, exclusive, along an open axis',
    inputs: { x: float('A', 'B') },
    fn: ({ x }) => [
      tf.cumprod(x, 0),
      tf.cumprod(x, 1, true),
      tf.cumprod(x, 0, false, true),
      tf.cumprod(x, 0, true, true),
    ],
  },
  {
    kernel: 'TopK',
    about: 'ties',
    inputs: ties,
    fn: ({ x }) => ({ ...tf.topk(x, 3) }),
  },
  {
    kernel: 'Sum',
    about: 'over no axis',
    inputs: { x: float('A') },
    fn: ({ x }) => tf.sum(tf.exp(x), []),
  },
]
