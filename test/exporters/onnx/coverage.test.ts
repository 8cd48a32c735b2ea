// The page that says what is covered is up to date, and every operator runs on every provider.

import * as tf from '@tensorflow/tfjs'
import * as core from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { LOWERINGS } from '../../../exporters/onnx/lower/index.ts'
import { REFUSED } from '../../../exporters/onnx/lower/refused.ts'
import { OPERATORS } from '../../../exporters/onnx/operators/index.ts'
import {
  COUNTED_OPERATORS,
  NEVER_ON_WEBGPU,
  NOT_ON_CUDA,
  WEBGPU,
  WRITTEN,
} from '../../../exporters/onnx/operators/providers.ts'
import { EVALUATED } from '../../../exporters/onnx/reference/operators.ts'
import { coverage } from './coverage.ts'
import { ROWS } from './kernels/index.ts'

/** Measured: the WebGPU provider of onnxruntime 1.30 leaves these to the CPU. */
const NOT_ON_WEBGPU = [
  ...['ConstantOfShape', 'Det', 'EyeLike', 'IsNaN', 'LogSoftmax', 'Mod', 'NonZero', 'OneHot', 'Or', 'Round'],
  ...['Scan', 'Selu', 'Sign', 'Size'],
]
/** Wrong, slow or racy on one provider or another: never emitted. */
const NEVER = ['Einsum', 'ReduceLogSumExp', 'ScatterND']

/** Names that no kernel has: tfjs itself composes what they stand for. */
const COMPOSED = ['LogSoftmax', 'LogicalXor', 'LowerBound', 'MatrixBandPart', 'Pool', 'UpperBound']
/** Gone when complex tensors have become two real ones; see complex.ts. */
const PARTED = ['Complex', 'Imag', 'Real']

beforeAll(() => tf.setBackend('cpu'))

describe('coverage', () => {
  const operators = [...OPERATORS.keys(), ...WRITTEN, ...COUNTED_OPERATORS]

  it('every operator runs on WebGPU, or is known to be left to the CPU', () => {
    expect(operators.filter((op) => !WEBGPU.has(op) && !NEVER_ON_WEBGPU.has(op))).toEqual([])
    const left = operators.filter((op) => NOT_ON_WEBGPU.includes(op))
    expect(left.filter((op) => !NEVER_ON_WEBGPU.has(op))).toEqual([])
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

  it('every kernel of tfjs is either', () => {
    const named = Object.entries(core as Record<string, unknown>)
      .filter(([name, value]) => value === name && /^[A-Z_]/.test(name))
      .map(([name]) => name)
    expect(named.length).toBeGreaterThan(150)
    const registered = tf.getKernelsForBackend('cpu').map(({ kernelName }) => kernelName)
    const kernels = [...new Set([...named, ...registered])]
    const open = kernels.filter((kernel) => !LOWERINGS.has(kernel) && !REFUSED.has(kernel))
    expect(open.sort()).toEqual([...COMPOSED, ...PARTED].sort())
    expect(registered.filter((kernel) => COMPOSED.includes(kernel))).toEqual([])
    expect([...LOWERINGS.keys(), ...REFUSED.keys()].filter((kernel) => !kernels.includes(kernel))).toEqual([])
  })

  it('every refused kernel has a reason and what to do instead', () => {
    for (const reason of new Set(REFUSED.values()))
      expect(reason).toMatch(/; (?!$)|export the function without it/)
  })

  it('docs/coverage.md is up to date', async () => {
    await expect(await coverage(ROWS)).toMatchFileSnapshot('../../../docs/coverage.md')
  }, 180_000)
})
