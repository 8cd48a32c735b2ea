// A few random programs; many more in test/integration.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportsRightly, TOLERANCE } from './programs-right.ts'
import {
  differencesInPython,
  hasPythonOnnxruntime,
  PYTHON_ONNXRUNTIME,
  type Ran,
} from './python-onnxruntime.ts'
import { evaluated } from './session.ts'

beforeAll(() => tf.setBackend('cpu'))

describe('random programs', () => {
  it.each([...new Array(12).keys()])('seed %i', exportsRightly)

  it.skipIf(!hasPythonOnnxruntime)(`give the same numbers in ${PYTHON_ONNXRUNTIME}`, () => {
    expect(evaluated.length).toBeGreaterThan(0)
    expect(differencesInPython(evaluated as Ran[], TOLERANCE)).toEqual([])
  })
})
