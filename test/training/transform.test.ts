// Learning the logarithm of a target, and several targets of which crystals lack some: what is refused, what errors are of,
// and that the exported file gives what the run was evaluated with.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import { goldenStructures } from '../../exporters/crystal/golden.ts'
import { load } from '../../runtimes/node/load.ts'
import { type LabelledCrystal, labelledCrystal } from '../../src/data/labelled.ts'
import { trainEnsemble } from '../../src/training/ensemble.ts'
import { readRun } from '../../src/training/read-run.ts'
import { writeReport } from '../../src/training/report.ts'
import { train } from '../../src/training/run.ts'
import type { TrainingResult } from '../../src/training/training-run.ts'
import { labelled } from './crystals.ts'
import { stopAfter, tinyRun } from './tiny.ts'

/** float32 on two engines, of log10. */
const F32 = 1e-4

/** Over nine orders of magnitude. */
const CRYSTALS = labelled(160).map(({ targets, ...rest }) =>
  labelledCrystal({ ...rest, targets: [['rate', 10 ** (3 * targets.energy)]] }),
)
const TARGETS = [{ name: 'rate', unit: '1/s', transform: 'log10' }] as const
const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length

let root: string
beforeAll(async () => {
  root = await mkdtemp(`${tmpdir()}/crystal-onnx-transform-`)
})
afterAll(() => rm(root, { recursive: true }))

describe('a run that learns a logarithm', () => {
  let result: TrainingResult
  beforeAll(async () => {
    result = await train(tinyRun(`${root}/log`, CRYSTALS, { targets: TARGETS }))
  })

  it('has errors in the unit, and mean and standard deviation of what is learned', async () => {
    const [{ mean: centre, std, transform }] = result.targets
    const learned = CRYSTALS.filter(({ split }) => split === 'train').map(({ targets }) =>
      Math.log10(targets.rate),
    )
    expect(centre).toBeCloseTo(mean(learned), 9)
    expect(std).toBeCloseTo(Math.sqrt(mean(learned.map((y) => (y - centre) ** 2))), 9)
    expect(transform).toBe('log10')
    const { crystals, targets } = result.test!
    expect(crystals.every(({ predicted }) => predicted[0] > 0)).toBe(true)
    const errors = crystals.map(({ actual, predicted }) => Math.abs(predicted[0] - actual[0]!))
    expect(targets[0].mae! / mean(errors)).toBeCloseTo(1, 9)
    const ratios = crystals.map(({ actual, predicted }) => Math.abs(Math.log10(predicted[0] / actual[0]!)))
    expect(targets[0].standardised! * std).toBeCloseTo(mean(ratios), 9)
    // What epochs are compared by is of ratios too: the largest values alone would decide otherwise.
    expect(result.history.at(-1)!.val_error).toBeLessThan(3)
  })

  it('goes on where it was stopped, on the same curve', async () => {
    const run = tinyRun(`${root}/stopped`, CRYSTALS, { targets: TARGETS, resume: true })
    await expect(train({ ...run, ...stopAfter(2) })).rejects.toThrow(/abort/i)
    const resumed = await train(run)
    expect(resumed.test).toEqual(result.test)
    await expect(train({ ...run, targets: [{ name: 'rate', unit: '1/s' }] })).resolves.toBeDefined()
    await train(tinyRun(`${root}/plain`, CRYSTALS, { targets: [{ name: 'rate', unit: '1/s' }] }))
    await expect(train({ ...run, runFolder: `${root}/plain` })).rejects.toThrow(
      /the log10 of rate is asked for, the run in .*plain learns its value/,
    )
  })

  it('is exported as it was evaluated, with domain and intervals, and is a start for another', async () => {
    const stored = await readRun(`${root}/log`)
    expect(stored.domain).toBeDefined()
    const { bytes, card } = await exportCrystalModel({ ...stored, golden: goldenStructures().slice(1, 2) })
    expect(card.targets[0]).toMatchObject({ unit: '1/s', transform: 'log10' })
    expect(card.training!.metrics!.test_mae_rate).toBe(result.test!.targets[0].mae)
    const byId = new Map(CRYSTALS.map((crystal) => [crystal.id, crystal.structure]))
    for (const engine of ['onnxruntime', 'fused'] as const) {
      const model = await load(bytes, { device: 'cpu', engine, threads: 1, worker: false })
      for (const { id, predicted, domain } of result.test!.crystals.slice(0, 6)) {
        const { value, interval, domain: verdict } = await model.predict(byId.get(id)!)
        expect(Math.abs(Math.log10(value / predicted[0]))).toBeLessThan(F32)
        expect(interval!.low[0]).toBeGreaterThan(0)
        expect(interval!.high[0]).toBeGreaterThan(value)
        expect(Math.abs(verdict!.score / domain!.score - 1)).toBeLessThan(0.01)
      }
      await model.dispose()
    }
    const next = await train(
      tinyRun(`${root}/next`, CRYSTALS, {
        targets: TARGETS,
        from: stored,
        options: { epochs: 1, swa_epochs: 0 },
      }),
    )
    expect(next.config).toEqual(result.config)
  })

  it('has a report that says what was learned', async () => {
    const page = await readFile(await writeReport(`${root}/log`), 'utf8')
    expect(page).toContain('log10 of 1/s')
    expect(page).toContain('rejected crystals (%)')
    // What the intervals promise stands beside how often they held.
    expect(page).toContain('true values within')
    const [rows] = result.test!.intervals!
    expect(rows.map(({ level }) => level)).toEqual([0.5, 0.8, 0.9, 0.95])
    expect(rows.every(({ coverage }, n) => n === 0 || coverage >= rows[n - 1].coverage)).toBe(true)
  })

  it('refuses what has no logarithm, by name, before the first step', async () => {
    const bad = (...values: number[]) => [
      ...CRYSTALS,
      ...values.map((value, n) =>
        labelledCrystal({ ...CRYSTALS[3], id: `bad${n}`, targets: [['rate', value]] }),
      ),
    ]
    for (const [crystals, message] of [
      [bad(0), /log10 of rate: 1 crystal has no positive value \("bad0"; the first 0\)/],
      [bad(2, -1, 0), /2 crystals have no positive value \("bad1", "bad2"; the first -1\)/],
    ] as const) {
      const run = tinyRun(`${root}/refused`, crystals, { targets: TARGETS })
      await expect(train(run)).rejects.toMatchObject({
        code: 'DATASET',
        message: expect.stringMatching(message),
      })
    }
  })

  it('of an ensemble is judged by the mean of the logarithms', async () => {
    const { members, test } = await trainEnsemble(tinyRun(`${root}/two`, CRYSTALS, { targets: TARGETS }), 2)
    const [a, b] = members.map((member) => member.test!.crystals[0].predicted[0])
    expect(test!.crystals[0].predicted[0] / Math.sqrt(a * b)).toBeCloseTo(1, 9)
  })
})

describe('targets of which crystals lack some', () => {
  /** `energy` of all but every third crystal, `gap` of every third: no crystal has both, one in six neither. */
  const some = (crystals: readonly LabelledCrystal[]) =>
    crystals.map(({ targets, ...rest }, n) =>
      labelledCrystal({
        ...rest,
        targets: n % 3 === 0 ? [['gap', 2 - targets.energy]] : [['energy', targets.energy]],
      }),
    )
  const both = [
    { name: 'energy', unit: 'eV/atom' },
    { name: 'gap', unit: 'eV' },
  ]

  it('are learned from what is there, and judged by it', async () => {
    const crystals = some(labelled(160))
    const run = tinyRun(`${root}/some`, crystals, { targets: both })
    const { targets, test, history } = await train(run)
    const of = (name: string, split: string) =>
      crystals.filter((c) => c.split === split).flatMap((c) => c.targets[name] ?? [])
    expect(targets.map((target) => target.mean)).toEqual([
      expect.closeTo(mean(of('energy', 'train')), 9),
      expect.closeTo(mean(of('gap', 'train')), 9),
    ])
    expect(test!.targets.map(({ n }) => n)).toEqual([of('energy', 'test').length, of('gap', 'test').length])
    for (const [t, { mae }] of test!.targets.entries()) {
      const errors = test!.crystals.flatMap(({ actual, predicted }) =>
        actual[t] === null ? [] : Math.abs(actual[t] - predicted[t]),
      )
      expect(mae).toBeCloseTo(mean(errors), 9)
    }
    expect(history.at(-1)!.loss).toBeLessThan(history[0].loss)
    const stored = await readRun(run.runFolder)
    expect(stored.domain!.residuals.every((quantiles) => quantiles.length > 0)).toBe(true)
    expect(await readFile(await writeReport(run.runFolder), 'utf8')).toContain('Errors of gap')
  })

  it('on several threads as on one', async () => {
    const crystals = some(labelled(40))
    const losses = await Promise.all(
      [1, 2].map(async (threads) => {
        const run = tinyRun(`${root}/threads-${threads}`, crystals, { targets: both, threads })
        return (await train(run)).history.map(({ loss }) => loss)
      }),
    )
    for (const [n, loss] of losses[0].entries()) expect(losses[1][n]).toBeCloseTo(loss, 4)
  })

  it('may be missing in a whole split, whose errors are then unknown', async () => {
    const crystals = labelled(40).map(({ targets, ...rest }, n) =>
      labelledCrystal({
        ...rest,
        targets: [...(n % 2 ? [] : [['gap', n / 9] as const]), ['energy', targets.energy]],
      }),
    )
    const run = tinyRun(`${root}/half`, crystals, { targets: both })
    const { val, test, history } = await train(run)
    for (const split of [val!, test!]) expect(split.targets[1]).toMatchObject({ n: 0, mae: null, rmse: null })
    expect(history[0].val_mae![1]).toBeNull()
    const { training } = await readRun(run.runFolder)
    expect(Object.keys(training.metrics)).not.toContain('test_mae_gap')
    const page = await readFile(await writeReport(run.runFolder), 'utf8')
    expect(page).toContain('No crystal of the test split carries it')
    expect((await train({ ...run, resume: true })).val).toEqual(val)
  })

  it('must be there in part: a crystal without any is refused by name', async () => {
    const [first, ...rest] = some(labelled(20))
    const bare = labelledCrystal({ ...first, id: 'bare', targets: [['other', 1]] })
    await expect(train(tinyRun(`${root}/bare`, [bare, ...rest], { targets: both }))).rejects.toThrow(
      /crystal "bare" has no target "energy" or "gap"; it has: other/,
    )
  })
})
