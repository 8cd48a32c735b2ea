// Learning rates against the log of the published run, losses by hand, and the batches of an epoch.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { modelConfig } from '../../models/attention/config.ts'
import { selectBackend } from '../../src/engines/select.ts'
import { epochBatches } from '../../src/training/batches.ts'
import { labelsOf, lossOf } from '../../src/training/loss.ts'
import { alikeMicroBatchesOf, microBatchesOf, sharesOf } from '../../src/training/micro-batches.ts'
import { preset, trainingOptions } from '../../src/training/options.ts'
import { learningRate } from '../../src/training/schedule.ts'

beforeAll(() => selectBackend('cpu'))

describe('learningRate', () => {
  it('is that of the published log', () => {
    const logged = [0.0005, 0.0004999375117163092, 0.0004998750468554773, 0.0004998126054028753]
    logged.forEach((rate, t) => {
      expect(learningRate(trainingOptions(), t, 1000)).toBeCloseTo(rate, 15)
    })
  })

  it('cosine: rises over the warm-up, falls to a twentieth, stays there', () => {
    const options = trainingOptions({ schedule: 'cosine', learning_rate: 1, warmup_steps: 10 })
    expect(learningRate(options, 0, 100)).toBeCloseTo(0.1, 12)
    expect(learningRate(options, 50, 100)).toBeCloseTo(0.525, 12)
    expect(learningRate(options, 100, 100)).toBeCloseTo(0.05, 12)
    expect(learningRate(options, 500, 100)).toBeCloseTo(0.05, 12)
  })
})

describe('lossOf', () => {
  // differences 0.5, 2, −3, 0 of two crystals
  it.each([
    ['l1', (0.5 + 2 + 3) / 2],
    ['mse', (0.25 + 4 + 9) / 2],
    ['smooth_l1', (0.125 + 1.5 + 2.5) / 2],
  ] as const)('%s', (loss, expected) => {
    const outputs = tf.tensor2d([0.5, 2, -3, 0], [2, 2])
    const labels = labelsOf(Float32Array.of(0, 0, 0, 0), 2)
    expect(lossOf(outputs, labels, loss, 2).dataSync()[0]).toBeCloseTo(expected, 6)
  })

  it.each([
    ['l1', (0.5 + 3) / 2],
    ['mse', (0.25 + 9) / 2],
    ['smooth_l1', (0.125 + 2.5) / 2],
  ] as const)('%s over the labels that are there, with no gradient of the others', (loss, expected) => {
    const labels = labelsOf(Float32Array.of(0, Number.NaN, 0, Number.NaN), 2)
    const outputs = tf.tensor2d([0.5, 2, -3, 7], [2, 2])
    const { value, grad } = tf.valueAndGrad((y) => lossOf(y as tf.Tensor2D, labels, loss, 2))(outputs)
    expect(value.dataSync()[0]).toBeCloseTo(expected, 6)
    const [a, b, c, d] = grad.dataSync()
    expect([b, d].map(Math.abs)).toEqual([0, 0])
    expect(a).toBeGreaterThan(0)
    expect(c).toBeLessThan(0)
  })
})

describe('epochBatches', () => {
  it('uses every crystal once, in an order of seed and epoch, and drops the partial batch', () => {
    const batches = epochBatches(10, 4, 7, 0)
    expect(batches.map((b) => b.length)).toEqual([4, 4])
    expect(new Set(batches.flat()).size).toBe(8)
    expect(epochBatches(10, 4, 7, 0)).toEqual(batches)
    expect(epochBatches(10, 4, 7, 1)).not.toEqual(batches)
    expect(epochBatches(10, 4, 8, 0)).not.toEqual(batches)
  })

  it('keeps the only batch, though it is partial', () => {
    expect(epochBatches(3, 8, 0, 0).flat().sort()).toEqual([0, 1, 2])
  })
})

describe('micro-batches of a step', () => {
  const sizes = [50, 5, 5, 5, 5, 5, 5, 5]

  it('hold every crystal once, in order, within both limits unless a crystal alone exceeds them', () => {
    const found = microBatchesOf(sizes, { crystals: 2, atoms: 12 })
    expect(found).toEqual([[0], [1, 2], [3, 4], [5, 6], [7]])
    expect(microBatchesOf(sizes, { crystals: 3, atoms: 100 })).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [6, 7],
    ])
  })

  it('hold crystals that are padded alike, and keep the order where none is', () => {
    const most = [9, 3, 9, 3, 5]
    const crystals = most.map((mostImages) => ({ atoms: 4, mostImages }))
    expect(alikeMicroBatchesOf(crystals, { crystals: 2, atoms: 8 })).toEqual([[1, 3], [4, 0], [2]])
    const flat = crystals.map(({ atoms }) => ({ atoms, mostImages: 0 }))
    expect(alikeMicroBatchesOf(flat, { crystals: 2, atoms: 8 })).toEqual([[0, 1], [2, 3], [4]])
  })

  it('are shared between threads by atoms', () => {
    expect(sharesOf(sizes, 2)).toEqual([[0], [1, 2, 3, 4, 5, 6, 7]])
    expect(sharesOf([4, 3, 2, 1], 2)).toEqual([
      [0, 3],
      [1, 2],
    ])
    expect(sharesOf([7], 3)).toEqual([[0], [], []])
  })
})

describe('options', () => {
  it('have the published defaults', () => {
    expect(preset('jarvis', 'crystalframer').options).toMatchObject({ batch_size: 256, epochs: 2000 })
    expect(preset('oqmd').options).toMatchObject({ batch_size: 1024, epochs: 200, swa_epochs: 20 })
    expect(preset('mp').config).toEqual(modelConfig())
    expect(preset('mp').options).toMatchObject({
      epochs: 500,
      batch_size: 128,
      learning_rate: 5e-4,
      beta2: 0.98,
      clip_norm: 1,
      swa_epochs: 50,
      loss: 'l1',
    })
  })

  it.each([
    [{ epochs: 3, swa_epochs: 3 }, /swa_epochs 3 leaves no epoch/],
    [{ learning_rate: -1 }, /learning_rate/],
    [{ lr: 1 }, /lr/],
    [{ mode: 'published', radius: 5 }, /published mode/],
  ])('%j is refused', (input, message) => {
    expect(() => trainingOptions(input)).toThrow(message)
  })
})
