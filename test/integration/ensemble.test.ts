// An ensemble in one file: the mean of its members, whose values for golden weights are those of the published code.

import { beforeAll, describe, expect, it } from 'vitest'
import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import type { CrystalExportResult } from '../../exporters/crystal/exported-file.ts'
import { goldenStructures as builtIn } from '../../exporters/crystal/golden.ts'
import { verifyModel } from '../../exporters/crystal/verify.ts'
import { joinMembers, type Member } from '../../models/join-members.ts'
import { relativeError } from '../../runtimes/card.ts'
import { load } from '../../runtimes/node/load.ts'
import { storedWeights } from '../../runtimes/stored-weights.ts'
import { trainedFile } from '../../runtimes/trained-file.ts'
import { CONVERGED_FORMER, CONVERGED_FRAMER } from '../browser/models.ts'
import { loadHere, TARGET, withCard } from '../exporters/crystal/exported.ts'
import { goldenStructures, goldenWeights } from '../golden/goldens.ts'

/** float32 against the published code in float64. */
const F32 = 2e-5

/** Taught on scales of their own. */
const MEMBERS: readonly Member[] = [CONVERGED_FORMER, CONVERGED_FRAMER].map(({ config, weights }, n) => ({
  config,
  weights: goldenWeights(weights, config),
  targets: [{ ...TARGET, mean: TARGET.mean + n, std: TARGET.std * (1 + n) }],
}))
const SAMPLES = builtIn().slice(1, 3)

const exportJoined = (members: readonly Member[]) =>
  exportCrystalModel({ ...joinMembers(members), golden: SAMPLES })

let both: CrystalExportResult
beforeAll(async () => {
  both = await exportJoined(MEMBERS)
})

describe('an ensemble in one file', () => {
  it('is nothing to train on from, in one sentence', async () => {
    await expect(trainedFile(both.bytes, 'both.onnx')).rejects.toThrow(
      'both.onnx: an ensemble, whose members are trained one by one',
    )
  })

  it('predicts the mean of what its members predict by themselves, on both engines', async () => {
    const alone = await Promise.all(
      MEMBERS.map((member) => exportCrystalModel({ ...member, golden: SAMPLES })),
    )
    const own = await Promise.all(alone.map(({ bytes }) => loadHere(bytes)))
    const crystals = [...goldenStructures().values()]
    const values = await Promise.all(
      crystals.map((crystal) => Promise.all(own.map(async (model) => (await model.predict(crystal)).value))),
    )
    for (const engine of ['onnxruntime', 'fused'] as const) {
      const model = await load(both.bytes, { device: 'cpu', engine, threads: 1, worker: false })
      expect(model.engine).toBe(engine)
      for (const [n, crystal] of crystals.entries()) {
        const { value, members, spread } = await model.predict(crystal)
        const [a, b] = values[n]
        expect(relativeError(value, (a + b) / 2, TARGET.std)).toBeLessThan(F32)
        expect(relativeError(spread![0], Math.abs(a - b) / Math.SQRT2, TARGET.std)).toBeLessThan(F32)
        for (const [m, [found]] of members!.entries()) {
          expect(relativeError(found, values[n][m], TARGET.std)).toBeLessThan(F32)
        }
      }
      await model.dispose()
    }
    await Promise.all(own.map((model) => model.dispose()))
  })

  it('has golden samples of its members', async () => {
    const wrong = await withCard(both, (card) => {
      card.golden[0].members![1][0] += 0.1
      return card
    })
    await expect(load(wrong, { device: 'cpu', worker: false })).rejects.toThrow(/by member 1, expected/)
  })

  it('is verified, by a program in float64 and tfjs among others, and read again as it was', async () => {
    const { pass, rows } = await verifyModel(both.bytes, { devices: ['cpu'] })
    expect(pass).toBe(true)
    expect(new Set(rows.map(({ device }) => device))).toEqual(
      new Set(['float64', 'float64-graph', 'tfjs', 'cpu', 'fused']),
    )
    const { weights, config } = joinMembers(MEMBERS)
    expect(storedWeights(both.bytes)).toEqual(weights)
    expect(both.card.config).toEqual(config)
    expect(both.card.outputs).toEqual(['members'])
  })

  it('of equal members is one of them, in hardly more nodes than they have', async () => {
    const [former] = MEMBERS
    const twice = await exportJoined([former, former])
    const once = await exportCrystalModel({ ...former, golden: SAMPLES })
    const models = await Promise.all([twice, once].map(({ bytes }) => loadHere(bytes)))
    const [crystal] = goldenStructures().values()
    const [two, one] = await Promise.all(models.map((model) => model.predict(crystal)))
    expect(two.value).toBeCloseTo(one.value, 5)
    expect(two.spread).toEqual([0])
    await Promise.all(models.map((model) => model.dispose()))
  })
})
