// A training that diverges to finite numbers stops with a learning rate to try; healthy ones, and spikes that pass, go on.

import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { beforeAll, describe, expect, it } from 'vitest'
import { learnedNothing } from '../../src/training/against.ts'
import { watchDivergence } from '../../src/training/divergence.ts'
import { trainEnsemble } from '../../src/training/ensemble.ts'
import type { Evaluation } from '../../src/training/evaluate.ts'
import type { TrainingEvent } from '../../src/training/events.ts'
import { readRun } from '../../src/training/read-run.ts'
import { train } from '../../src/training/run.ts'
import { labelled } from './crystals.ts'
import { tinyRun } from './tiny.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(`${tmpdir()}/crystal-onnx-divergence-`)
})

/** Targets at −1 and 1, in a unit of which the standard deviation is 2: always answering the mean is off by 2. */
const TRAIN = { standardised: Float32Array.of(-1, 1, -1, 1) }
const SCALING = [{ name: 'y', unit: 'eV', mean: 5, std: 2 }]
const L1 = { loss: 'l1', learning_rate: 0.5 } as const

/** What is said of validation errors of these sizes, epoch by epoch, and how it ends. */
function watched(errors: readonly number[], options: Parameters<typeof watchDivergence>[3] = L1, val = true) {
  const events: TrainingEvent[] = []
  const split = val ? { standardised: Float32Array.of(0) } : { standardised: new Float32Array(0) }
  const watch = watchDivergence(TRAIN, split, SCALING, options, (event) => void events.push(event))
  const rest = { phase: 'train', steps: 1, grad_norm: 1, learning_rate: 1, seconds: 1 } as const
  for (const [n, error] of errors.entries()) {
    const measured = val ? { val_mae: [error], loss: 1 } : { val_mae: null, loss: error }
    watch.epoch({ ...rest, ...measured, epoch: n + 1, average_val_mae: null, peak_memory_mb: 1 })
  }
  return { events, end: watch.end }
}

describe('the watch over a training', () => {
  it('lets healthy runs and spikes that pass go on', () => {
    // The first epochs of the quick preset on 200 crystals, over the error of the mean there, and worse starts.
    const starts = [
      [0.98, 0.82, 0.77, 0.53],
      [3.1, 1.8, 1.02, 0.9],
      [9, 9, 0.9, 0.5],
      [40, 3, 1, 0.8],
      [0.5, 300, 0.6, 30, 0.5],
    ]
    for (const errors of starts) {
      const { events, end } = watched(errors.map((times) => 2 * times))
      expect(events).toEqual([])
      end({ mae: [2 * errors.at(-1)!], error: errors.at(-1)! })
    }
  })

  it('stops at twice in a row more than ten times the error of the mean, with a rate to try', () => {
    const message =
      'the error is 11 times that of always answering the mean of the training targets after epoch 3: the training ' +
      'diverged; train anew with a learning_rate of 0.003'
    expect(() => watched([3, 25, 22])).toThrow(message)
    expect(() => watched([3, 25, 22], { ...L1, learning_rate: 4e-3 })).toThrow('learning_rate of 0.0004')
    expect(() => watched([3e19, 3e19])).toThrow('1.5e+19 times')
  })

  it('judges the training loss where nothing is validated, whatever the loss', () => {
    // Of the answer 0 to ±1: |1| = 1, 1² = 1, ½·1² = ½ at the border of its two branches.
    expect(() => watched([11, 11], L1, false)).toThrow('11 times')
    expect(() => watched([144, 144], { ...L1, loss: 'mse' }, false)).toThrow('12 times')
    watched([99, 99], { ...L1, loss: 'mse' }, false)
    expect(() => watched([5.5, 5.5], { ...L1, loss: 'smooth_l1' }, false)).toThrow('11 times')
  })

  it('warns once after five epochs no better than the mean', () => {
    const { events } = watched([3, 3, 3, 3, 2.1, 2.1, 2.1])
    expect(events).toEqual([
      { type: 'warning', message: expect.stringMatching(/^epoch 5: for 5 epochs no better than .* 0\.003$/) },
    ])
    expect(watched([3, 3, 3, 3, 1.9, 3]).events).toEqual([])
  })

  it('refuses weights far off at the end of a run of one epoch', () => {
    const { end } = watched([25])
    expect(() => end({ mae: [25], error: 12.5 })).toThrow(
      '13 times that of always answering the mean of the training targets at the end',
    )
  })
})

describe('a run at a learning rate that is far too large', () => {
  // Clipped steps of AdamW: every weight changes by about the rate, whatever the gradient.
  const options = { ...tinyRun('', []).options, epochs: 12, swa_epochs: 0, learning_rate: 1000 }

  it.each([
    ['with validation', labelled(16)],
    ['without', labelled(16).filter(({ split }) => split !== 'val')],
  ])('stops, and again when it is resumed: %s', async (name, crystals) => {
    const run = tinyRun(`${root}/${name}`, crystals, { options })
    const message =
      /the training diverged; train anew with a learning_rate of 0\.003\. .*weights\.safetensors holds/
    await expect(train(run)).rejects.toThrow(message)
    const metrics = await readFile(`${run.runFolder}/metrics.jsonl`, 'utf8')
    expect(metrics.trim().split('\n').length).toBeLessThan(12)
    await expect(train({ ...run, resume: true })).rejects.toThrow(message)
    expect(await readFile(`${run.runFolder}/metrics.jsonl`, 'utf8')).toBe(metrics)
    expect((await readRun(run.runFolder)).remarks).toEqual([expect.stringMatching(/the training diverged/)])
  })

  it('stops an ensemble', async () => {
    await expect(trainEnsemble(tinyRun(`${root}/two`, labelled(16), { options }), 2)).rejects.toThrow(
      'diverged',
    )
  })
})

describe('a network that learned nothing', () => {
  const of = (predicted: number[]): Evaluation => ({
    n: 2,
    targets: [
      {
        name: 'y',
        unit: 'eV',
        n: 2,
        rmse: 0,
        standardised: 0,
        mae: predicted.reduce((s, p, n) => s + Math.abs(p - [4, 8][n]) / 2, 0),
      },
    ],
    crystals: [4, 8].map((actual, n) => ({
      ...{ id: `c${n}`, formula: 'X', elements: [1], sites: 1 },
      actual: [actual],
      predicted: [predicted[n]],
    })),
  })

  it('is told from one that did, on val or else on test', () => {
    // The mean 5 is off by 1 and 3.
    expect(learnedNothing({ val: of([5, 6.9]), test: of([5, 5]) }, SCALING)).toEqual([])
    expect(learnedNothing({ val: of([5, 5]), test: null }, SCALING)).toEqual([
      'y: the error 2.00 eV is no better than the 2.00 eV of always answering the mean, on 2 validation crystals: nothing was ' +
        'learned that counts there',
    ])
    expect(learnedNothing({ val: null, test: of([0, 0]) }, SCALING)[0]).toContain('6.00 eV is no better')
    expect(learnedNothing({ val: null, test: null }, SCALING)).toEqual([])
  })
})
