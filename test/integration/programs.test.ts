// Two hundred random programs agree with tfjs at sizes that were not recorded.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { program } from '../exporters/onnx/programs.ts'
import { exportsRightly, TOLERANCE } from '../exporters/onnx/programs-right.ts'
import {
  differencesInPython,
  hasPythonOnnxruntime,
  PYTHON_ONNXRUNTIME,
  type Ran,
} from '../exporters/onnx/python-onnxruntime.ts'
import { evaluated } from '../exporters/onnx/session.ts'

const SEEDS = Array.from({ length: 200 }, (_, i) => 1000 + i)

beforeAll(() => tf.setBackend('cpu'))

describe('random programs', () => {
  it.each(SEEDS)('seed %i', exportsRightly)

  it('are of many kinds', () => {
    const steps = new Set(
      SEEDS.flatMap((seed) => program(seed).steps.map((name) => name.replace(/[\d,]+/g, ''))),
    )
    expect(steps.size).toBeGreaterThan(20)
  })

  it.skipIf(!hasPythonOnnxruntime)(`give the same numbers in ${PYTHON_ONNXRUNTIME}`, () => {
    expect(evaluated.length).toBeGreaterThan(0)
    expect(differencesInPython(evaluated as Ran[], TOLERANCE)).toEqual([])
  })
})
