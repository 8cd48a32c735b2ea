// The same command again, at any point of a run: it starts, goes on, or is done. And what can be had of a run before its end.

import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { beforeAll, describe, expect, it } from 'vitest'
import { labelledCrystal } from '../../src/data/labelled.ts'
import { selectBackend } from '../../src/engines/select.ts'
import { trainEnsemble } from '../../src/training/ensemble.ts'
import { evaluate } from '../../src/training/evaluate.ts'
import type { TrainingEvent } from '../../src/training/events.ts'
import { readRun } from '../../src/training/read-run.ts'
import { train } from '../../src/training/run.ts'
import { standingOf } from '../../src/training/standing.ts'
import { labelled } from './crystals.ts'
import { stopAfter, tinyRun } from './tiny.ts'

const crystals = labelled(16)
const val = crystals.filter(({ split }) => split === 'val')
const FILES = ['config.json', 'weights.safetensors', 'evaluation.json', 'checkpoint/state.json']
let root: string
let count = 0
beforeAll(async () => {
  root = await mkdtemp(`${tmpdir()}/crystal-onnx-again-`)
})
const again = (changes = {}) => tinyRun(`${root}/run-${count++}`, crystals, { resume: true, ...changes })
const contents = (folder: string) => Promise.all(FILES.map((name) => readFile(`${folder}/${name}`, 'utf8')))

describe('train with resume', () => {
  it('starts where there is nothing, and leaves a run that has ended as it is', async () => {
    const run = again()
    const first = await train(run)
    expect(await standingOf(run.runFolder)).toBe('finished')
    const before = await contents(run.runFolder)
    const { mtimeMs } = await stat(`${run.runFolder}/weights.safetensors`)
    const events: TrainingEvent[] = []
    const second = await train({ ...run, onEvent: (event) => void events.push(event) })
    expect(events).toEqual([])
    expect({ ...second, backend: first.backend, seconds: first.seconds }).toEqual(first)
    expect(await contents(run.runFolder)).toEqual(before)
    expect((await stat(`${run.runFolder}/weights.safetensors`)).mtimeMs).toBe(mtimeMs)
    // A finished run needs its checkpoint no more; without `resume` it is not replaced, with or without one.
    await rm(`${run.runFolder}/checkpoint`, { recursive: true })
    expect((await train(run)).test).toEqual(first.test)
    await expect(train({ ...run, resume: false })).rejects.toThrow(/weights\.safetensors is there already/)
  })

  it('starts anew after settings without an epoch, and goes on at any point after', async () => {
    const whole = again()
    await train(whole)
    const run = again()
    const stopped = new AbortController()
    const onEvent = ({ type }: TrainingEvent) => void (type === 'step' && stopped.abort())
    await expect(train({ ...run, signal: stopped.signal, onEvent })).rejects.toThrow(/abort/i)
    expect(await standingOf(run.runFolder)).toBe('new')
    await expect(train({ ...run, ...stopAfter(1) })).rejects.toThrow(/abort/i)
    expect(await standingOf(run.runFolder)).toBe('begun')
    await train(run)
    expect(await contents(run.runFolder)).toEqual(await contents(whole.runFolder))
    // Killed between the weights and their errors.
    await rm(`${run.runFolder}/evaluation.json`)
    expect((await readRun(run.runFolder)).remarks).toEqual([
      expect.stringMatching(/the errors .* are not known/),
    ])
    await train(run)
    expect(await contents(run.runFolder)).toEqual(await contents(whole.runFolder))
  })

  it('does the same for ensembles and folds', async () => {
    const run = again()
    await expect(trainEnsemble({ ...run, ...stopAfter(2) }, 4, 2)).rejects.toThrow(/abort/i)
    await trainEnsemble(run, 4, 2)
    const before = await readFile(`${run.runFolder}/evaluation.json`, 'utf8')
    const { members } = await trainEnsemble(run, 4, 2)
    expect(members.map(({ backend }) => backend)).toEqual([null, null, null, null])
    expect(await readFile(`${run.runFolder}/evaluation.json`, 'utf8')).toBe(before)
    const anew = { ...run, resume: false }
    await expect(trainEnsemble(anew, 4, 2)).rejects.toThrow(/member-0 holds a run already/)
    await expect(train(run)).rejects.toThrow(/holds an ensemble already/)
    await expect(readRun(run.runFolder)).rejects.toThrow(/holds an ensemble: take a member of it/)
  })

  it('does not mix a single network and an ensemble, or replace weights that are not its own', async () => {
    const run = again()
    await train(run)
    await expect(trainEnsemble(run, 2)).rejects.toThrow(/holds the run of a single network/)
    await rm(`${run.runFolder}/config.json`)
    await rm(`${run.runFolder}/checkpoint`, { recursive: true })
    await expect(train(run)).rejects.toThrow(/weights\.safetensors is there already/)
  })

  it('refuses another unit', async () => {
    const run = again()
    await train(run)
    await expect(train({ ...run, targets: [{ name: 'energy', unit: 'eV' }] })).rejects.toThrow(
      /the unit of energy is eV, the run in .* has eV\/atom/,
    )
  })
})

describe('a run that has not ended', () => {
  it.each([1, 2, 3])('gives what it would hand out after epoch %d', async (epoch) => {
    const run = again({ options: { ...tinyRun('', crystals).options, epochs: 4, swa_epochs: 2 } })
    await expect(train({ ...run, ...stopAfter(epoch) })).rejects.toThrow(/abort/i)
    const taken = await readRun(run.runFolder)
    expect(taken.remarks).toEqual([expect.stringContaining(`training has not ended (${epoch} of 4 epochs)`)])
    const lines = (await readFile(`${run.runFolder}/metrics.jsonl`, 'utf8')).trim().split('\n')
    const metrics = lines.map((line) => JSON.parse(line))
    const best = Math.min(...metrics.map(({ val_mae }) => val_mae[0]))
    const average = metrics.at(-1).average_val_mae?.[0] ?? Number.POSITIVE_INFINITY
    const expected = Math.min(best, average)
    expect(taken.training.metrics).toEqual({ epochs: epoch, epochs_planned: 4, val_mae_energy: expected })
    const options = { mode: taken.mode, radius: taken.geometry.radius ?? null }
    const engine = await selectBackend('wasm')
    const found = await evaluate(engine, taken.weights, taken.config, val, taken.targets, options)
    expect(found.targets[0].mae).toBeCloseTo(expected, 6)
  })

  it('gives the last weights where nothing was validated, and nothing before the first epoch', async () => {
    const run = again({
      data: {
        name: 'without val',
        crystals: crystals.map((c) =>
          labelledCrystal({ ...c, split: 'train', targets: Object.entries(c.targets) }),
        ),
      },
    })
    const said: TrainingEvent[] = []
    const { signal, onEvent } = stopAfter(2)
    const both = (event: TrainingEvent) => {
      said.push(event)
      onEvent!(event)
    }
    await expect(train({ ...run, signal, onEvent: both })).rejects.toThrow(/abort/i)
    expect(said.filter(({ type }) => type === 'warning')).toEqual([
      { type: 'warning', message: expect.stringContaining('no crystal to validate on') },
    ])
    expect((await readRun(run.runFolder)).remarks[0]).toMatch(/taken are the weights of epoch 2$/)
    await rm(`${run.runFolder}/checkpoint`, { recursive: true })
    await expect(readRun(run.runFolder)).rejects.toThrow(/no epoch of this run was finished/)
    await writeFile(`${run.runFolder}/evaluation.json`, '{"weights":')
    await expect(standingOf(run.runFolder)).rejects.toThrow(/evaluation\.json is not JSON/)
  })
})
