// Kernels that keep the sizes of their input, and those of several tensors that broadcast.

import { backend_util } from '@tensorflow/tfjs-core'
import type { ShapeRule } from './rule.ts'

const UNARY = [
  ...['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Cast', 'Ceil', 'ClipByValue', 'Cos', 'Cosh'],
  ...[
    'Cumprod',
    'Cumsum',
    'Elu',
    'Erf',
    'Exp',
    'Expm1',
    'FlipLeftRight',
    'Floor',
    'FusedBatchNorm',
    'IsFinite',
  ],
  ...['IsInf', 'IsNan', 'LRN', 'LeakyRelu', 'Log', 'Log1p', 'LogSoftmax', 'LogicalNot', 'Neg', 'OnesLike'],
  ...[
    'Reciprocal',
    'Relu',
    'Relu6',
    'Reverse',
    'RotateWithOffset',
    'Round',
    'Rsqrt',
    'Selu',
    'Sigmoid',
    'Sign',
  ],
  ...['Sin', 'Sinh', 'Softmax', 'Softplus', 'Sqrt', 'Square', 'Step', 'Tan', 'Tanh', 'ZerosLike'],
]
const BROADCASTING = [
  ...['Add', 'AddN', 'Atan2', 'EluGrad', 'Equal', 'FloorDiv', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'],
  ...[
    'LogicalAnd',
    'LogicalOr',
    'Maximum',
    'Minimum',
    'Mod',
    'Multiply',
    'NotEqual',
    'Pow',
    'Prelu',
    'RealDiv',
  ],
  ...['SquaredDifference', 'Sub'],
]

const first: ShapeRule = ({ inputs }) => Object.values(inputs)[0].shape
const broadcast: ShapeRule = ({ inputs }) =>
  Object.values(inputs)
    .map(({ shape }) => shape)
    .reduce((a, b) => backend_util.assertAndGetBroadcastShape(a, b))

export const elementwise: Readonly<Record<string, ShapeRule>> = {
  ...Object.fromEntries(UNARY.map((kernel) => [kernel, first])),
  ...Object.fromEntries(BROADCASTING.map((kernel) => [kernel, broadcast])),
  Select: ({ inputs }) => inputs.t.shape,
}
