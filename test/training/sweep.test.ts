// A sweep: the combinations of a grid, runs that end, diverge or were interrupted, and what is told of them.

import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trainEnsemble } from '../../src/training/ensemble.ts'
import { train } from '../../src/training/run.ts'
import { ranked, type SweepPoint, sweepPoints, trainSweep } from '../../src/training/sweep.ts'
import { columnsOf, sweepPage } from '../../src/training/sweep-report.ts'
import { labelled } from './crystals.ts'
import { stopAfter, tinyRun } from './tiny.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(`${tmpdir()}/crystal-onnx-sweep-`)
})
afterAll(() => rm(root, { recursive: true }))

describe('a grid', () => {
  it('has every combination, under names that folders may have', () => {
    expect(sweepPoints({ seed: [1, 2], loss: ['l1', 'mse'] }).map(({ name }) => name)).toEqual([
      ...['seed=1,loss=l1', 'seed=1,loss=mse', 'seed=2,loss=l1', 'seed=2,loss=mse'],
    ])
    const [{ name, settings }] = sweepPoints({ embedding_dim: [[8, 16]], mode: ['a/b: c'] })
    expect(name).toBe('embedding_dim=8-16,mode=a_b__c')
    expect(settings).toEqual({ embedding_dim: [8, 16], mode: 'a/b: c' })
    const long = sweepPoints({ ['k'.repeat(300)]: [1, 2] }).map(({ name }) => name)
    expect(new Set(long).size).toBe(2)
    expect(long.every(({ length }) => length <= 120)).toBe(true)
  })

  it.each([
    [{ seed: 3 }, /seed is 3, expected a list/],
    [{ seed: [] }, /seed is \[\], expected a list/],
    [{}, /no setting is varied/],
    [{ seed: [1, 1] }, /seed=1 is there twice/],
    [{ a: Array(40).fill(0), b: Array(40).fill(0) }, /more than 1000 combinations/],
  ])('%j is refused', (grid, message) => {
    expect(() => sweepPoints(grid)).toThrow(message)
  })
})

describe('a sweep', () => {
  const crystals = labelled(16)
  const points = sweepPoints({ learning_rate: [0.01, 1000], num_layers: [1] })
  const options = { epochs: 3, swa_epochs: 0, batch_size: 6, radius: 4.5, seed: 3 }
  const sweep = () => ({ ...tinyRun(`${root}/sweep`, crystals, { options }), resume: true })

  it('trains each point in a folder, with what diverges as a row, and goes on where it was stopped', async () => {
    const told: string[] = []
    const tell = async ({ name }: SweepPoint, ended?: object) =>
      void told.push(`${ended ? 'end' : 'begin'} ${name}`)
    await expect(trainSweep({ ...sweep(), ...stopAfter(2) }, points, tell)).rejects.toThrow(/abort/i)
    expect(told).toEqual([`begin ${points[0].name}`])
    const runs = await trainSweep(sweep(), points, tell)
    expect(told.length).toBe(1 + 2 * points.length)
    expect(runs.map(({ error }) => error === null)).toEqual([true, false])
    expect(runs[1].error).toMatch(/diverged; train anew with a learning_rate of/)
    const alone = await train(
      tinyRun(`${root}/alone`, crystals, { options: { ...options, learning_rate: 0.01 } }),
    )
    expect(runs[0].result!.test).toEqual(alone.test)
    expect(runs[0].result!.config).toMatchObject({ num_layers: 1 })

    const weights = `${runs[0].runFolder}/weights.safetensors`
    const { mtimeMs } = await stat(weights)
    // Another value is added: what has ended stays.
    const more = await trainSweep(sweep(), sweepPoints({ learning_rate: [0.01, 0.005], num_layers: [1] }))
    expect(more[0].result!.backend).toBeNull()
    expect((await stat(weights)).mtimeMs).toBe(mtimeMs)
    expect(more[1].result!.backend).not.toBeNull()

    // Its folder is no place for another run, nor for the same one again.
    const other = { ...sweep(), resume: false }
    await expect(trainSweep(other, points)).rejects.toThrow(/holds a sweep already; resume it/)
    await expect(train(other)).rejects.toThrow(/holds a sweep already; choose another folder/)
    await expect(trainEnsemble(other, 2)).rejects.toThrow(/holds a sweep already; choose another folder/)

    const best = ranked(runs)
    expect(best[0].score).toBeLessThanOrEqual(best[1].score)
    const { mae, n } = best[0].result!.val!.targets[0]
    expect(n).toBe(2)
    const { head, row } = columnsOf(best)
    expect(head).toEqual([
      ...['learning_rate', 'num_layers', 'val MAE energy (eV/atom)', 'test MAE energy (eV/atom)', 'epochs'],
    ])
    expect(row(best[0])[2]).toBe(mae!.toPrecision(3))
    expect(row(best[1])).toEqual(['1000', '1', '', '', 'diverged'])
    const page = await sweepPage(runs)
    expect(page).toContain('2 runs, of which 1 diverged')
    expect(page).toContain(`href="./${best[0].name}/report.html"`)
    const stored = JSON.parse(await readFile(`${root}/sweep/sweep.json`, 'utf8'))
    expect(stored.map(({ point }: { point: string }) => point)).toEqual(more.map(({ name }) => name))
  })

  it('refuses a setting that nothing has, before the first run, and the folder of a run', async () => {
    const run = { ...sweep(), runFolder: `${root}/other` }
    await expect(trainSweep(run, sweepPoints({ epochs: [2], layers: [1, 2] }))).rejects.toThrow(/layers/)
    await expect(trainSweep(run, sweepPoints({ epochs: [2, 0] }))).rejects.toThrow(/epochs/)
    await expect(stat(`${root}/other/epochs=2`)).rejects.toThrow(/ENOENT/)
    const single = `${root}/single`
    await train(tinyRun(single, crystals, { options: { ...options, epochs: 1 } }))
    await expect(trainSweep({ ...sweep(), runFolder: single }, points)).rejects.toThrow(
      /holds the run of a single network/,
    )
  })
})
