// Sizes that depend on values: each is a symbol of the file, and what is made with it is right whatever it turns out to be.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportOnnx } from '../../../exporters/onnx/export.ts'
import type { InputSpec } from '../../../exporters/onnx/options.ts'
import { booleanMask, trueIndices } from '../../../exporters/onnx/where.ts'
import { CHECKER, check, python } from './checker.ts'
import { expectSame, type TestFunction, type TestInput, uniform } from './session.ts'

beforeAll(() => tf.setBackend('cpu'))

const x: TestInput = { dtype: 'float32', shape: ['N', 3] }
const boxes: TestInput = { dtype: 'float32', shape: ['N', 4], values: uniform(0, 1) }
const scores: TestInput = { dtype: 'float32', shape: ['N'], values: uniform(0, 1) }
const models = new Map<string, Uint8Array>()

/** Exports, and compares at sizes that were not recorded, among them such with nothing left. */
async function same(name: string, fn: TestFunction, inputs: Record<string, TestInput>) {
  const plain = Object.entries(inputs).map(([key, { values: _, ...spec }]) => [key, spec])
  const result = await exportOnnx(fn, Object.fromEntries(plain))
  models.set(name, result.bytes)
  for (const N of [1, 6, 50]) await expectSame(fn, inputs, result, { N })
  return result
}

describe('places of what is true', () => {
  it('are a size of their own', async () => {
    const result = await same('places', ({ x }) => trueIndices(tf.greater(x, 0)), { x })
    expect(result.outputs).toEqual([{ name: 'output', dtype: 'int32', shape: ['places', 2] }])
  })

  it('in row-major order, like tf.whereAsync', async () => {
    const flags = tf.tensor2d([0, 1, 1, 0, 0, 1], [2, 3], 'bool')
    expect([...trueIndices(flags).dataSync()]).toEqual([0, 1, 0, 2, 1, 2])
    expect([...(await tf.whereAsync(flags)).dataSync()]).toEqual([0, 1, 0, 2, 1, 2])
    expect(() => trueIndices(tf.scalar(true))).toThrow(/trueIndices of a scalar/)
  })

  it('pick rows and elements, like tf.booleanMaskAsync', async () => {
    await same('rows', ({ x }) => booleanMask(x, tf.greater(tf.sum(x, 1), 0)), { x })
    await same('elements', ({ x }) => tf.sum(booleanMask(x, tf.less(x, -1.5))), { x })
    await same('along axis 1', ({ x }) => booleanMask(x, tf.greater(tf.max(x, 0), 1.9), 1), { x })
    const [rows, mask] = [tf.range(0, 6).reshape([3, 2]), tf.tensor1d([true, false, true], 'bool')]
    const wanted = await tf.booleanMaskAsync(rows, mask)
    expect(booleanMask(rows, mask).arraySync()).toEqual(wanted.arraySync())
    expect(() => booleanMask(rows, tf.tensor1d([true], 'bool'))).toThrow(
      /a mask \[1\] at axis 0 of a tensor \[3,2\]/,
    )
  })

  it('go on through what follows', async () => {
    const fn: TestFunction = ({ x }) => {
      const kept = booleanMask(x, tf.greater(tf.sum(x, 1), 1)) as tf.Tensor2D
      const alike = tf.softmax(tf.matMul(kept, kept, false, true))
      return {
        share: tf.div(kept.shape[0], x.shape[0]),
        all: tf.concat([kept, x]),
        mixed: tf.matMul(alike, kept),
      }
    }
    const result = await same('through', fn, { x })
    expect(result.outputs.map(({ shape }) => shape)).toEqual([[], ['N + places', 3], ['places', 3]])
  })

  it('have names that no input has', async () => {
    const own: TestInput = { dtype: 'float32', shape: ['places'] }
    const fn: TestFunction = ({ own }) => [own, trueIndices(tf.greater(own, 0)), trueIndices(tf.less(own, 0))]
    const result = await exportOnnx(fn, { own })
    expect(result.outputs.map(({ shape }) => shape[0])).toEqual(['places', 'places_1', 'places_2'])
  })

  it('that a JavaScript branch asks for are refused', async () => {
    const fn: TestFunction = ({ x }) => {
      const kept = booleanMask(x, tf.greater(tf.sum(x, 1), 0))
      return kept.shape[0] > 4 ? tf.sum(kept) : tf.mean(x)
    }
    await expect(exportOnnx(fn, { x })).rejects.toThrow(
      /ran \d+ kernels at N=\d+, places=\d+ but .*branch over a symbolic size/,
    )
  })

  it('that are none at all tried sizes are said', async () => {
    const result = await exportOnnx(({ x }) => booleanMask(x, tf.greater(tf.sum(x, 1), 100)), { x })
    expect(result.notes).toEqual([expect.stringMatching(/output "output" was empty at all sizes/)])
    const sample: InputSpec['sample'] = ([n]) => new Array(3 * n).fill(50)
    const shown = await exportOnnx(({ x }) => booleanMask(x, tf.greater(tf.sum(x, 1), 100)), {
      x: { ...x, sample },
    })
    expect(shown.notes).toEqual([])
  })

  it('at sizes that are asked for', async () => {
    const sizes = [{ N: 4 }]
    const result = await exportOnnx(({ x }) => trueIndices(tf.greater(x, 0)), { x }, { sizes })
    expect(result.outputs[0].shape).toEqual(['places', 2])
    expect(result.verified?.sizes).toEqual(sizes)
  })
})

describe('boxes', () => {
  it('are counted where nothing else asks for them', async () => {
    const fn: TestFunction = ({ boxes, scores }) => {
      const left = tf.image.nonMaxSuppression(boxes as tf.Tensor2D, scores as tf.Tensor1D, 20, 0.3)
      return tf.mul(tf.sum(scores), left.shape[0])
    }
    await same('counted', fn, { boxes, scores })
  })

  it('lose score where they overlap, in a loop', async () => {
    for (const [overlap, least, sigma] of [
      [0.5, 0, 0.5],
      [0.9, 0.2, 0.1],
      [1, 0.05, 1],
    ]) {
      const fn: TestFunction = ({ boxes, scores }) => {
        const found = tf.image.nonMaxSuppressionWithScore(
          ...([boxes as tf.Tensor2D, scores as tf.Tensor1D, 25, overlap, least, sigma] as const),
        )
        return { indices: found.selectedIndices, kept: found.selectedScores }
      }
      const { operators } = await same(`soft ${sigma}`, fn, { boxes, scores })
      expect(operators.Loop).toBe(1)
    }
  })
})

describe('asynchronous functions', () => {
  it('are exported where they read no values', async () => {
    const before = tf.memory().numTensors
    const fn = async ({ x }: Record<string, tf.Tensor>) => {
      await tf.nextFrame()
      return tf.relu(x)
    }
    const result = await exportOnnx(fn, { x })
    expect([tf.memory().numTensors, tf.getBackend()]).toEqual([before, 'cpu'])
    expect(result.operators).toEqual({ Relu: 1 })
    await expectSame(({ x }) => tf.relu(x), { x }, result, { N: 6 })
  })

  it('one at a time', async () => {
    const slow = async ({ x }: Record<string, tf.Tensor>) => {
      await tf.nextFrame()
      return tf.relu(x)
    }
    const first = exportOnnx(slow, { x })
    await new Promise((resolve) => setTimeout(resolve))
    await expect(exportOnnx(({ x }) => tf.exp(x), { x })).rejects.toThrow(/await its export before the next/)
    await first
  })
})

it.skipIf(!python)(`are valid: ${CHECKER}`, () => {
  expect(models.size).toBeGreaterThan(7)
  expect(check(models)).toEqual({})
})
