// From the folder of an ensemble to one file that predicts what the ensemble was evaluated with.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import { goldenStructures } from '../../exporters/crystal/golden.ts'
import { load } from '../../runtimes/node/load.ts'
import { type EnsembleResult, trainEnsemble } from '../../src/training/ensemble.ts'
import { readEnsemble } from '../../src/training/read-ensemble.ts'
import { train } from '../../src/training/run.ts'
import { cli } from '../cli/run.ts'
import { labelled } from './crystals.ts'
import { tinyRun } from './tiny.ts'

/** float32 on two engines, in standard deviations. */
const F32 = 1e-4

const crystals = labelled(40)
let folder: string
let several: string
let result: EnsembleResult

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/crystal-onnx-ensemble-`)
  several = `${folder}/several`
  result = await trainEnsemble(tinyRun(several, crystals), 2)
})
afterAll(() => rm(folder, { recursive: true }))

describe('an ensemble that was trained', () => {
  it('is one file, whose mean is what the ensemble was evaluated with', async () => {
    const { weights, config, targets, geometry, training } = await readEnsemble([several])
    expect(training.metrics.test_mae_energy).toBe(result.test!.targets[0].mae)
    const { bytes } = await exportCrystalModel({
      ...{ weights, config, targets, geometry, training },
      golden: goldenStructures().slice(0, 2),
    })
    const model = await load(bytes, { device: 'cpu', threads: 1, worker: false })
    const byId = new Map(crystals.map((crystal) => [crystal.id, crystal.structure]))
    for (const { id, predicted } of result.test!.crystals) {
      const { value, members } = await model.predict(byId.get(id)!)
      expect(Math.abs(value - predicted[0]) / targets[0].std).toBeLessThan(F32)
      const own = result.members.map(({ test }) => test!.crystals.find((c) => c.id === id)!.predicted[0])
      for (const [n, [found]] of members!.entries()) {
        expect(Math.abs(found - own[n]) / targets[0].std).toBeLessThan(F32)
      }
    }
    await model.dispose()
  })

  it('is exported by the command line, and tells the spread of every prediction', async () => {
    const [file, structure] = ['model.onnx', 'one.json'].map((name) => `${folder}/${name}`)
    const { lattice, frac, species } = crystals[0].structure
    const numbers = species.map(([{ element }]) => element)
    await writeFile(structure, JSON.stringify({ lattice, frac, numbers }))
    const exported = await cli('export', several, '--ensemble', '--cutoff', '9', '-o', file, '--json')
    expect(exported).toMatchObject({ code: 0, lines: [{ domain: null }] })
    const { lines } = await cli('predict', structure, '--model', file, '--json')
    const [{ value, spread, members }] = lines
    const [[a], [b]] = members
    expect(value[0]).toBeCloseTo((a + b) / 2, 5)
    expect(spread[0]).toBeCloseTo(Math.abs(a - b) / Math.SQRT2, 5)
  })

  it('takes runs that were trained apart, and refuses one alone', async () => {
    const apart = `${folder}/apart`
    await train(tinyRun(apart, crystals, { options: { epochs: 1, swa_epochs: 0, radius: 4, seed: 9 } }))
    const { config, geometry } = await readEnsemble([several, apart])
    expect(config).toMatchObject({ members: { length: 3 } })
    expect(geometry).toEqual({ radius: 4.5 })
    await expect(readEnsemble([apart])).rejects.toThrow(/one run alone is no ensemble/)
    const refused = await cli('export', several, apart, '-o', `${folder}/m.onnx`)
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/--ensemble/) })
  })
})
