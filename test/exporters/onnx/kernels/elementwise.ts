// Kernels that work element by element, with broadcasting, integers and the numbers where formulas fail.

import * as tf from '@tensorflow/tfjs'
import { TRIGONOMETRY, uniform, type Values, whole } from '../session.ts'
import { bool, float, int, type Row } from './row.ts'

/** Numbers where a formula may lose digits or overflow, then random ones. */
const hard =
  (special: readonly number[], low: number, high: number): Values =>
  (n, sizes, random) =>
    Float32Array.from(uniform(low, high)(n, sizes, random) as Float32Array, (v, i) => special[i] ?? v)

const unary = (kernel: string, fn: (x: tf.Tensor) => tf.Tensor, values?: Values): Row => ({
  kernel,
  inputs: { x: { ...float('A', 5), values } },
  fn: ({ x }) => fn(x),
})

const { Infinity: inf, NaN: nan } = globalThis

export const unaryRows: Row[] = [
  unary('Abs', tf.abs),
  { kernel: 'Abs', about: 'int32', inputs: { x: int('A') }, fn: ({ x }) => tf.abs(x) },
  unary('Acos', tf.acos, hard([1, -1, 0, 0.999999, 1.5], -1, 1)),
  unary('Acosh', tf.acosh, hard([1, 1.000001, 1e20, 0.5], 1, 9)),
  unary('Asin', tf.asin, hard([1, -1, 0, 1e-6, 1.5], -1, 1)),
  unary('Asinh', tf.asinh, hard([0, 1e-6, -1e-6, 1e20, -3e9], -9, 9)),
  unary('Atan', tf.atan, hard([0, 1e-6, inf, -inf, 1e20, nan], -5, 5)),
  unary('Atanh', tf.atanh, hard([0, 1e-6, 1, -1, -0.999999, 1.5], -1, 1)),
  unary('Ceil', tf.ceil),
  unary('ClipByValue', (x) => tf.clipByValue(x, -0.5, 0.75)),
  {
    kernel: 'ClipByValue',
    about: 'int32',
    inputs: { x: int('A') },
    fn: ({ x }) => tf.clipByValue(x, -1, 3),
  },
  { ...unary('Cos', tf.cos), tolerance: TRIGONOMETRY },
  unary('Cosh', tf.cosh, hard([0, 80, -80], -5, 5)),
  unary('Erf', tf.erf),
  unary('Exp', tf.exp, hard([0, 100, -100], -5, 5)),
  unary('Expm1', tf.expm1, hard([0, 1e-6, -1e-6, 90, -90, 1, -1], -2, 2)),
  unary('Floor', tf.floor),
  unary('IsFinite', tf.isFinite, hard([inf, -inf, nan, 0], -1, 1)),
  unary('IsInf', tf.isInf, hard([inf, -inf, nan, 0], -1, 1)),
  unary('IsNan', tf.isNaN, hard([inf, -inf, nan, 0], -1, 1)),
  unary('Log', tf.log, hard([0, inf, -1], 0, 9)),
  unary('Log1p', tf.log1p, hard([0, 1e-6, -1e-6, 1e-10, inf, -1], -0.99, 9)),
  unary('Neg', tf.neg),
  { kernel: 'Neg', about: 'int32', inputs: { x: int('A') }, fn: ({ x }) => tf.neg(x) },
  unary('Reciprocal', tf.reciprocal, hard([0, inf], 0.1, 9)),
  unary('Round', tf.round, hard([0.5, 1.5, 2.5, -0.5, -1.5, 2.4999998, 8388607], -5, 5)),
  unary('Rsqrt', tf.rsqrt, uniform(0.01, 9)),
  unary('Sigmoid', tf.sigmoid, hard([100, -100, 0], -5, 5)),
  unary('Sign', tf.sign, hard([0, inf, -inf], -1, 1)),
  { ...unary('Sin', tf.sin), tolerance: TRIGONOMETRY },
  unary('Sinh', tf.sinh, hard([0, 1e-6, 80, -80, 1, -1], -2, 2)),
  unary('Sqrt', tf.sqrt, hard([0, -1], 0, 9)),
  unary('Square', tf.square),
  unary('Step', (x) => tf.step(x, 0.25), hard([0, -1, 1], -1, 1)),
  { ...unary('Tan', tf.tan, uniform(-1.4, 1.4)), tolerance: TRIGONOMETRY },
  unary('Tanh', tf.tanh),
  unary('Elu', tf.elu, hard([0, -100, 1e-6], -3, 3)),
  unary('EluGrad', (x) => tf.grad((y) => tf.elu(y))(x), hard([0, -100, 1e-6], -3, 3)),
  unary('LeakyRelu', (x) => tf.leakyRelu(x, 0.3)),
  unary('Relu', tf.relu),
  unary('Relu6', tf.relu6, uniform(-3, 9)),
  unary('Selu', tf.selu),
  unary('Softplus', tf.softplus, hard([0, 90, -90], -5, 5)),
  { kernel: 'Prelu', inputs: { x: float('A', 4), w: float(4) }, fn: ({ x, w }) => tf.prelu(x, w) },
  {
    kernel: 'Prelu',
    about: 'slopes of more axes',
    inputs: { x: float(4), w: float('A', 4) },
    fn: ({ x, w }) => tf.prelu(x, w),
  },
  {
    kernel: 'Erf',
    about: 'exact gelu',
    inputs: { x: float('A') },
    fn: ({ x }) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1)),
  },
  {
    kernel: 'Cast',
    about: 'float32 to int32',
    inputs: { x: float('A') },
    fn: ({ x }) => tf.cast(x, 'int32'),
  },
  {
    kernel: 'Cast',
    about: 'int32 to float32',
    inputs: { x: int('A') },
    fn: ({ x }) => tf.cast(x, 'float32'),
  },
  {
    kernel: 'Cast',
    about: 'float32 to bool',
    inputs: { x: { ...float('A'), values: whole(-1, 2) } },
    fn: ({ x }) => tf.cast(x, 'bool'),
  },
  { kernel: 'Cast', about: 'bool to int32', inputs: { x: bool('A') }, fn: ({ x }) => tf.cast(x, 'int32') },
  { kernel: 'LogicalNot', inputs: { x: bool('A', 'B') }, fn: ({ x }) => tf.logicalNot(x) },
  {
    kernel: 'Identity',
    about: 'between two kernels',
    inputs: { x: float('A') },
    fn: ({ x }) => tf.add(tf.clone(x), tf.clone(tf.exp(x))),
  },
  {
    kernel: 'ZerosLike',
    inputs: { x: float('A', 'B') },
    fn: ({ x }) => ({ sum: tf.add(tf.zerosLike(x), tf.exp(x)), alone: tf.zerosLike(x) }),
  },
  { kernel: 'OnesLike', inputs: { x: float('A', 'B') }, fn: ({ x }) => [tf.onesLike(x), tf.square(x)] },
]

const binary = (kernel: string, fn: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, values?: Values): Row[] => [
  {
    kernel,
    inputs: { a: { ...float('A', 'B', 3), values }, b: { ...float('B', 1), values } },
    fn: ({ a, b }) => fn(a, b),
    about: 'broadcast',
  },
  {
    kernel,
    inputs: { a: { ...int('A'), values: whole(-5, 6) }, b: { ...int('A'), values: whole(1, 4) } },
    fn: ({ a, b }) => fn(a, b),
    about: 'int32',
  },
]

export const binaryRows: Row[] = [
  ...binary('Add', tf.add),
  ...binary('Sub', tf.sub),
  ...binary('Multiply', tf.mul),
  // Of integers tf.div is FloorDiv.
  binary('RealDiv', tf.div, uniform(0.5, 2))[0],
  ...binary('FloorDiv', tf.floorDiv, uniform(0.5, 2)),
  ...binary('Mod', tf.mod, uniform(0.5, 2)),
  ...binary('Pow', tf.pow, uniform(0.5, 2)),
  ...binary('Maximum', tf.maximum),
  ...binary('Minimum', tf.minimum),
  ...binary('SquaredDifference', tf.squaredDifference),
  ...binary('Equal', tf.equal, whole(0, 3)),
  ...binary('NotEqual', tf.notEqual, whole(0, 3)),
  ...binary('Greater', tf.greater, whole(0, 3)),
  ...binary('GreaterEqual', tf.greaterEqual, whole(0, 3)),
  ...binary('Less', tf.less, whole(0, 3)),
  ...binary('LessEqual', tf.lessEqual, whole(0, 3)),
  {
    kernel: 'Multiply',
    about: 'factors whose product is infinite',
    inputs: { x: { ...float('A'), values: whole(0, 2) } },
    fn: ({ x }) => tf.mul(tf.mul(x, 1e30), 1e20),
  },
  {
    kernel: 'Mod',
    about: 'signs',
    inputs: { a: { ...float('A', 4), values: whole(-9, 10) }, b: float(1) },
    fn: ({ a, b }) => tf.mod(a, tf.sub(tf.mul(tf.greater(b, -3).cast('float32'), [3, -3, 2, -4]), 0)),
  },
  {
    kernel: 'Atan2',
    inputs: { a: { ...float('A', 9), values: whole(-2, 3) }, b: { ...float('A', 9), values: whole(-2, 3) } },
    fn: ({ a, b }) => tf.atan2(a, b),
  },
  {
    kernel: 'Add',
    about: 'float32 and int32',
    inputs: { a: float('A'), b: int('A') },
    fn: ({ a, b }) => tf.add(a, b),
  },
  {
    kernel: 'AddN',
    inputs: { a: float('A'), b: float('A'), c: float('A') },
    fn: ({ a, b, c }) => tf.addN([a, b, c]),
  },
  { kernel: 'LogicalAnd', inputs: { a: bool('A'), b: bool('A') }, fn: ({ a, b }) => tf.logicalAnd(a, b) },
  { kernel: 'LogicalOr', inputs: { a: bool('A'), b: bool('A') }, fn: ({ a, b }) => tf.logicalOr(a, b) },
  {
    kernel: 'LogicalAnd',
    about: 'exclusive or',
    inputs: { a: bool('A'), b: bool('A') },
    fn: ({ a, b }) => tf.logicalXor(a, b),
  },
  {
    kernel: 'Equal',
    about: 'bool',
    inputs: { a: bool('A'), b: bool('A') },
    fn: ({ a, b }) => tf.equal(a, b),
  },
  {
    kernel: 'Select',
    inputs: { c: bool('A', 'B'), a: float('A', 'B'), b: float('A', 'B') },
    fn: ({ c, a, b }) => tf.where(c, a, b),
  },
  {
    kernel: 'Select',
    about: 'broadcast condition',
    inputs: { c: bool('B'), a: float('A', 'B'), b: float('A', 'B') },
    fn: ({ c, a, b }) => tf.where(c, a, b),
  },
]
