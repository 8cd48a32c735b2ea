// Two hundred random programs agree with tfjs at sizes that were not recorded.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { program } from '../exporters/onnx/programs.ts'
import { exportsRightly } from '../exporters/onnx/programs-right.ts'

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
})
