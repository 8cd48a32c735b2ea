// The page that says what is covered is up to date, and every operator runs on every provider.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { LOWERINGS } from '../../../exporters/onnx/lower/index.ts'
import { REFUSED } from '../../../exporters/onnx/lower/refused.ts'
import { OPERATORS } from '../../../exporters/onnx/operators/index.ts'
import { NOT_ON_CUDA, WEBGPU, WRITTEN } from '../../../exporters/onnx/operators/providers.ts'
import { EVALUATED } from '../../../exporters/onnx/reference/operators.ts'
import { coverage } from './coverage.ts'
import { ROWS } from './kernels/index.ts'

/** Measured: the WebGPU provider of onnxruntime 1.30 leaves these to the CPU. */
const NOT_ON_WEBGPU = [
  ...[
    'ConstantOfShape',
    'Det',
    'EyeLike',
    'IsNaN',
    'LogSoftmax',
    'Loop',
    'Mod',
    'NonZero',
    'OneHot',
    'Or',
    'Round',
  ],
  ...['Scan', 'Selu', 'Sign', 'Size'],
]
/** Wrong, slow or racy on one provider or another: never emitted. */
const NEVER = ['Einsum', 'ReduceLogSumExp', 'ScatterElements', 'ScatterND']

beforeAll(() => tf.setBackend('cpu'))

describe('coverage', () => {
  const operators = [...OPERATORS.keys(), ...WRITTEN]

  it('every operator runs on WebGPU', () => {
    expect(operators.filter((op) => !WEBGPU.has(op))).toEqual([])
    expect(operators.filter((op) => NOT_ON_WEBGPU.includes(op))).toEqual([])
  })

  it('every operator runs on CUDA', () => {
    expect(operators.filter((op) => NOT_ON_CUDA.has(op))).toEqual([])
  })

  it('the float64 evaluator knows every operator, and no other', () => {
    expect([...EVALUATED.keys()].sort()).toEqual([...new Set(operators)].sort())
  })

  it('no operator that is known to go wrong is emitted', () => {
    expect(operators.filter((op) => NEVER.includes(op))).toEqual([])
  })

  it('no kernel is both lowered and refused', () => {
    expect([...LOWERINGS.keys()].filter((kernel) => REFUSED.has(kernel))).toEqual([])
  })

  it('every kernel of the CPU backend that is neither is a choice', () => {
    const kernels = tf.getKernelsForBackend('cpu').map(({ kernelName }) => kernelName)
    const open = kernels.filter((kernel) => !LOWERINGS.has(kernel) && !REFUSED.has(kernel))
    expect(open.sort()).toMatchInlineSnapshot(`
      [
        "AvgPool3D",
        "BatchToSpaceND",
        "BitwiseAnd",
        "BroadcastArgs",
        "Conv3D",
        "Cumprod",
        "Diag",
        "Dilation2D",
        "Draw",
        "Fill",
        "LRN",
        "MaxPool3D",
        "MaxPoolWithArgmax",
        "Range",
        "SearchSorted",
        "SpaceToBatchND",
        "StaticRegexReplace",
        "StringNGrams",
        "StringSplit",
        "StringToHashBucketFast",
      ]
    `)
  })

  it('docs/coverage.md is up to date', async () => {
    await expect(await coverage(ROWS)).toMatchFileSnapshot('../../../docs/coverage.md')
  })
})
