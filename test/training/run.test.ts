// Whole runs of a tiny network: the same on every backend, stopped cleanly by what can stop them.

import * as tf from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { labelledCrystal } from '../../src/data/labelled.ts'
import { splitDataset } from '../../src/data/split.ts'
import { selectBackend } from '../../src/engines/select.ts'
import { trainEnsemble } from '../../src/training/ensemble.ts'
import { evaluate } from '../../src/training/evaluate.ts'
import type { TrainingEvent } from '../../src/training/events.ts'
import { readRun } from '../../src/training/read-run.ts'
import { train } from '../../src/training/run.ts'
import type { TrainingRun } from '../../src/training/training-run.ts'
import { labelled } from './crystals.ts'
import { stopAfter } from './tiny.ts'
import { crystals, curve, expectClose, OPTIONS, TARGETS, TINY, wholeRuns } from './whole-runs.ts'

/** Losses of 20 steps on two backends: float32 rounding, amplified by the steps. */
const ACROSS_BACKENDS = 1e-4
const small = crystals.filter((c) => c.structure.species.length < 5)
const { run } = wholeRuns()

describe('train', () => {
  it('learns, and ends with weights that do what it reports', async () => {
    const events: TrainingEvent[] = []
    const settings = run({
      options: { ...OPTIONS, epochs: 14, swa_epochs: 3 },
      onEvent: (e) => void events.push(e),
    })
    const result = await train(settings)
    expect(result.history[13].loss).toBeLessThan(0.5 * result.history[0].loss)
    expect(result.history.map((m) => m.phase === 'average')).toEqual(
      Array.from({ length: 14 }, (_, n) => n >= 11),
    )
    expect(events[0]).toMatchObject({ type: 'start', train: 18, val: 3, test: 3, epochs: 14, done: 0 })
    expect(events.filter((e) => e.type === 'step').length).toBe(14 * 4)
    expect(events.at(-1)).toMatchObject({ type: 'end', exported: result.chosen.which })

    const stored = await readRun(settings.runFolder)
    expect(stored.targets).toEqual(result.targets)
    expect(stored.geometry).toEqual({ radius: 4.5 })
    const test = await evaluate(
      await selectBackend('wasm'),
      stored.weights,
      stored.config,
      crystals.filter((c) => c.split === 'test'),
      stored.targets,
      {
        mode: 'converged',
        radius: 4.5,
      },
    )
    expectClose(test, result.test, 1e-9)
    const { mae, rmse } = result.test!.targets[0]
    const errors = result.test!.crystals.map(({ actual, predicted }) => predicted[0] - actual[0]!)
    expect(mae).toBeCloseTo(errors.reduce((sum, e) => sum + Math.abs(e), 0) / errors.length, 10)
    expect(rmse).toBeCloseTo(Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length), 10)
    expect(stored.training.metrics.test_mae_energy).toBe(mae)
  })

  it('is the same run for the same seed, and another for another', async () => {
    const short = { ...OPTIONS, epochs: 2, swa_epochs: 1 }
    const [a, b, c] = [
      await train(run({ options: short })),
      await train(run({ options: short })),
      await train(run({ options: { ...short, seed: 4 } })),
    ]
    expect(curve(b.history)).toEqual(curve(a.history))
    expect(curve(c.history)).not.toEqual(curve(a.history))
  })

  it('gives the same losses on wasm and cpu over 20 steps', async () => {
    const losses: Record<string, number[]> = { wasm: [], cpu: [] }
    for (const backend of ['wasm', 'cpu'] as const) {
      const onEvent = (e: TrainingEvent) => void (e.type === 'step' && losses[backend].push(e.loss))
      await train(
        run({
          backend,
          // The cpu backend is slow: one block, few images, small cells.
          data: { name: 'small', crystals: small },
          config: { ...TINY, num_layers: 1 },
          options: { ...OPTIONS, epochs: 7, swa_epochs: 1, radius: 3.6, learning_rate: 2e-3 },
          onEvent,
        }),
      )
    }
    expect(losses.wasm.length).toBe(21)
    expectClose(losses.wasm, losses.cpu, ACROSS_BACKENDS)
  })

  it('trains several targets, and a network that the fused kernel does not take', async () => {
    const two = crystals.map((c) =>
      labelledCrystal({ ...c, targets: [...Object.entries(c.targets), ['twice', 2 * c.targets.energy]] }),
    )
    for (const config of [
      { ...TINY, head_num: 2 },
      { ...TINY, domain: 'multihead' },
      { ...TINY, value_pe_dist_real: 0 },
      { ...TINY, domain: 'real-reci' },
    ]) {
      const result = await train(
        run({
          config,
          data: { name: 'two', crystals: two },
          targets: [...TARGETS, { name: 'twice', unit: 'eV' }],
          options: { ...OPTIONS, epochs: 2, swa_epochs: 0, loss: 'smooth_l1' },
        }),
      )
      expect(result.history[1].val_mae!.length).toBe(2)
      expect(result.chosen.which).toBe('best')
    }
  })

  it('trains with the published box', async () => {
    const options = { ...OPTIONS, epochs: 6, swa_epochs: 0, mode: 'published', radius: null } as const
    const result = await train(run({ options, data: { name: 'small', crystals: small } }))
    expect(result.history[5].loss).toBeLessThan(0.7 * result.history[0].loss)
  })

  it('starts averaging early when the validation error stops falling', async () => {
    const events: TrainingEvent[] = []
    const onEvent = (e: TrainingEvent) => void events.push(e)
    const options = { ...OPTIONS, epochs: 60, swa_epochs: 2, patience: 2, learning_rate: 1e-9 }
    const result = await train(run({ options, onEvent }))
    const stop = events.find((e) => e.type === 'early-stop')!
    expect(stop).toMatchObject({ epochs: result.epochs })
    expect(result.epochs).toBeLessThan(60)
    expect(result.history.slice(-2).map((m) => m.phase)).toEqual(['average', 'average'])
    expect(result.history.at(-2)!.learning_rate).toBe(result.history.at(-1)!.learning_rate)
  })
})

describe('an ensemble', () => {
  it('trains networks of several seeds, and evaluates the mean of their predictions', async () => {
    const options = { ...OPTIONS, epochs: 2, swa_epochs: 0, seed: 7 }
    const settings = run({ options })
    const { members, test } = await trainEnsemble(settings, 2)
    expect(members.map((m) => m.options.seed)).toEqual([7, 8])
    const alone = await train(run({ options: { ...options, seed: 8 } }))
    expect(members[1].test).toEqual(alone.test)
    const actual = members[0].test!.crystals.map((c) => c.actual[0]!)
    const means = actual.map(
      (_, c) => (members[0].test!.crystals[c].predicted[0] + members[1].test!.crystals[c].predicted[0]) / 2,
    )
    const mae = actual.reduce((sum, value, c) => sum + Math.abs(means[c] - value), 0) / actual.length
    expect(test!.targets[0].mae).toBeCloseTo(mae, 12)
    // Of two values, the standard deviation of a sample is their distance over √2.
    const [a, b] = members.map((m) => m.test!.crystals[0].predicted[0])
    expect(test!.crystals[0].spread![0]).toBeCloseTo(Math.abs(a - b) / Math.SQRT2, 12)
    expect((await trainEnsemble({ ...settings, resume: true }, 2)).test).toEqual(test)
    // The third member is started with the settings of the first.
    const resumed = await trainEnsemble({ ...settings, config: {}, options: {}, resume: true }, 3)
    expect(resumed.members.map((m) => m.options.seed)).toEqual([7, 8, 9])
    expect(resumed.members[2].config).toEqual(members[0].config)
    expect(resumed.members[1].test).toEqual(alone.test)
  })
})

describe('cross-validation', () => {
  const options = { ...OPTIONS, epochs: 1, swa_epochs: 0 }

  it('judges every crystal to learn from by the networks that did not see it', async () => {
    const settings = run({ options })
    const { members, val, test } = await trainEnsemble(settings, 4, 2)
    const seen = splitDataset(crystals)
    const known = [...seen.train, ...seen.val].map(({ id }) => id).sort()
    expect(val!.crystals.map(({ id }) => id).sort()).toEqual(known)
    expect(test!.crystals.map(({ id }) => id)).toEqual(seen.test.map(({ id }) => id))
    const judged = members.map(({ val }) => val!.crystals.map(({ id }) => id).sort())
    // Two deals of two folds, each crystal in one fold of a deal, and the second deal another one.
    expect([...judged[0], ...judged[1]].sort()).toEqual(known)
    expect([...judged[2], ...judged[3]].sort()).toEqual(known)
    expect(judged[2]).not.toEqual(judged[0])
    expect(judged[2]).not.toEqual(judged[1])
    expect(Math.abs(judged[0].length - judged[1].length)).toBeLessThanOrEqual(1)
    for (const { id, predicted, actual } of val!.crystals) {
      const own = members.flatMap((m) => m.val!.crystals.filter((c) => c.id === id))
      expect(own).toHaveLength(2)
      expect(predicted[0]).toBeCloseTo((own[0].predicted[0] + own[1].predicted[0]) / 2, 12)
      expect(actual).toEqual(own[0].actual)
    }
    const resumed = await trainEnsemble({ ...settings, resume: true }, 4, 2)
    expect(resumed.val).toEqual(val)
  })

  it('refuses folds that cannot be', async () => {
    await expect(trainEnsemble(run({ options }), 3, 2)).rejects.toThrow('3 networks on 2 folds')
    await expect(trainEnsemble(run({ options }), 1, 1)).rejects.toThrow('two folds or more')
  })
})

describe('a run that starts from another', () => {
  const LAST_LAYER = 'mlp.3.'

  it('has its network and all its weights but the last layer', async () => {
    const first = run()
    await train(first)
    const from = await readRun(first.runFolder)
    const next = run({
      config: {},
      from,
      options: { ...OPTIONS, seed: 4, learning_rate: 1e-30, weight_decay: 1e-30, bias_weight_decay: 1e-30 },
    })
    const { config } = await train(next)
    expect(config).toEqual(from.config)
    const { weights } = await readRun(next.runFolder)
    for (const [name, { data }] of weights) {
      const same = data.every((x, n) => x === from.weights.get(name)!.data[n])
      expect(same, name).toBe(!name.startsWith(LAST_LAYER))
    }
  })

  it('resumes, and does better than from random weights', async () => {
    const first = run({ options: { ...OPTIONS, epochs: 20, swa_epochs: 2 } })
    await train(first)
    const from = await readRun(first.runFolder)
    const options = { ...OPTIONS, epochs: 2, swa_epochs: 1, learning_rate: 1e-3 }
    const settings = run({ config: {}, from, options })
    const tuned = await train(settings)
    const random = await train(run({ options }))
    expect(tuned.history.at(-1)!.loss).toBeLessThan(random.history.at(-1)!.loss)
    const resumed = await train({ ...settings, resume: true })
    expect(curve(resumed.history)).toEqual(curve(tuned.history))
  })

  it('predicts what that one predicts where the last layer is kept, on a scale that fits its own crystals', async () => {
    const first = run()
    await train(first)
    const from = await readRun(first.runFolder)
    const still = { learning_rate: 1e-30, weight_decay: 1e-30, bias_weight_decay: 1e-30 }
    const shifted = labelled(60).map((crystal) =>
      labelledCrystal({ ...crystal, targets: [['energy', crystal.targets.energy + 2]] }),
    )
    const next = run({
      data: { name: 'shifted', crystals: shifted },
      ...{ config: {}, from, keepHead: true, options: { ...OPTIONS, ...still, seed: 4 } },
    })
    const { test, targets } = await train(next)
    expect(targets[0].std).toBe(from.targets[0].std)
    expect(targets[0].mean).not.toBeCloseTo(from.targets[0].mean, 1)
    const before = await evaluate(
      await selectBackend('wasm'),
      from.weights,
      from.config,
      shifted.filter(({ id }) => test!.crystals.some((crystal) => crystal.id === id)),
      from.targets,
      { mode: from.mode, radius: from.geometry.radius ?? null },
    )
    const byId = new Map(before.crystals.map(({ id, predicted }) => [id, predicted[0]]))
    for (const { id, predicted } of test!.crystals) expect(predicted[0]).toBeCloseTo(byId.get(id)!, 4)
  })

  it('keeps the last layer for what it was trained for only', async () => {
    const first = run()
    await train(first)
    const from = await readRun(first.runFolder)
    const keeping = (targets: TrainingRun['targets']) =>
      train(run({ config: {}, from, keepHead: true, targets }))
    await expect(keeping([{ name: 'gap', unit: 'eV' }])).rejects.toThrow(
      'the last layer cannot be kept: there is no gap in the network to start from, which predicts energy',
    )
    await expect(keeping([{ name: 'energy', unit: 'eV' }])).rejects.toThrow(
      'the unit of energy is eV, the network to start from has eV/atom',
    )
    await expect(keeping([{ name: 'energy', transform: 'log10' }])).rejects.toThrow(
      'the transform of energy is log10, that of the network to start from none',
    )
    await expect(train(run({ keepHead: true }))).rejects.toThrow(
      'there is no energy in the network to start from',
    )
  })

  it('refuses hyper-parameters of another network', async () => {
    const first = run()
    await train(first)
    const from = await readRun(first.runFolder)
    const other = run({ from, config: { ...TINY, model_dim: 32 } })
    await expect(train(other)).rejects.toThrow('model_dim is 32, the network to start from has 16')
  })
})

describe('training stops', () => {
  it('at a loss that is not finite, with the step, and keeps the best weights before', async () => {
    // One step an epoch, each of the size of the learning rate: the second loss overflows float32.
    const settings = run({ options: { ...OPTIONS, batch_size: 18, loss: 'mse', learning_rate: 1e4 } })
    await expect(train(settings)).rejects.toThrow(
      /the (loss|gradient norm) is (NaN|Infinity) at step 1 of epoch \d \(crystals c.* and 14 more\); train anew with a learning_rate of 0\.003\. .*weights\.safetensors holds the best weights before, of epoch \d/,
    )
    const { weights } = await readRun(settings.runFolder)
    for (const { data } of weights.values()) expect(data.every(Number.isFinite)).toBe(true)
  })

  it('in the first epoch, and keeps the weights before that step', async () => {
    const options = { ...OPTIONS, batch_size: 6, loss: 'mse', learning_rate: 1e8 } as const
    const settings = run({ options })
    await expect(train(settings)).rejects.toThrow(
      /at step [23] of epoch 1 .*weights\.safetensors holds the last weights that were finite/,
    )
    const { weights } = await readRun(settings.runFolder)
    for (const { data } of weights.values()) expect(data.every(Number.isFinite)).toBe(true)
  })

  it('at data that it cannot take, before the first epoch', async () => {
    const heavy = [
      ...crystals,
      labelledCrystal({
        ...crystals[0],
        id: 'es',
        structure: { ...crystals[0].structure, species: [[{ element: 99, occupancy: 1 }]] },
        targets: [['energy', 1]],
      }),
    ]
    await expect(train(run({ data: { name: 'heavy', crystals: heavy } }))).rejects.toThrow(
      /crystal "es" holds atomic number 99/,
    )
    await expect(train(run({ targets: [{ name: 'gap', unit: 'eV' }] }))).rejects.toThrow(/has a target "gap"/)
    await expect(train(run({ targets: [] }))).rejects.toThrow(/no target to train on/)
  })

  it('leaves no tensor behind, whatever stopped it', async () => {
    await selectBackend('wasm')
    const before = tf.memory().numTensors
    await train(run({ options: { ...OPTIONS, epochs: 2, swa_epochs: 1 } }))
    await expect(train({ ...run(), ...stopAfter(1) })).rejects.toThrow()
    expect(tf.memory().numTensors).toBe(before)
  })
})
