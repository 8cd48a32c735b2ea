// The whole way against golden vectors of the published code: weights → .onnx → onnxruntime → property. Every case of
// the network, in the published box and in the converged sum; the large weights where they are here.

import { afterAll, expect, it } from 'vitest'
import { foldTargets } from '../../../exporters/crystal/fold.ts'
import { batchTensors, withParameters } from '../../../exporters/crystal/tensors.ts'
import { networkOf } from '../../../models/registry.ts'
import { relativeError } from '../../../runtimes/card.ts'
import type { Model } from '../../../runtimes/model.ts'
import { packBatch } from '../../../src/periodic/batch.ts'
import { prepareCrystal } from '../../../src/periodic/prepare.ts'
import { describeGoldens } from '../../golden/describe-goldens.ts'
import { FULL_CASES, goldenStructures, goldenWeights, TINY_CASES } from '../../golden/goldens.ts'
import { exportCase, loadHere, TARGET } from './exported.ts'

/** Float32 through a network of four blocks. */
const F32 = 1e-5

const crystals = goldenStructures()
const models: Model[] = []
afterAll(() => Promise.all(models.map((model) => model.dispose())))

/** The large weights in both modes; the other domains are those of the tiny ones. */
const LARGE = FULL_CASES.filter(({ name }) =>
  ['cf_real_adaptive', 'cf_real-reci', 'converged_cf_real'].includes(name),
)

describeGoldens([...TINY_CASES, ...LARGE], (golden, values) => {
  const expected = [...crystals].flatMap(([name, crystal]) => {
    const output = values.get(`${name}/pred`)
    return output ? [{ name, crystal, value: output[0] * TARGET.std + TARGET.mean }] : []
  })

  it('gives the golden values, alone and together', async () => {
    const { bytes, card, report } = await exportCase(golden)
    expect(report.golden.max_rel).toBeLessThan(F32)
    const model = await loadHere(bytes)
    models.push(model)
    for (const { name, crystal, value } of expected) {
      const { value: found, unit } = await model.predict(crystal)
      expect.soft(relativeError(found, value, TARGET.std), name).toBeLessThan(F32)
      expect(unit).toBe('eV/atom')
    }
    let n = 0
    for await (const outcome of model.predictMany(expected.map(({ crystal }) => crystal))) {
      expect(outcome.index).toBe(n)
      const { name, value } = expected[n++]
      expect.soft(relativeError(outcome.value ?? Number.NaN, value, TARGET.std), name).toBeLessThan(F32)
    }
    expect(n).toBe(expected.length)
    expect(card.mode).toBe(golden.mode)
  })
})

it('gives what tfjs gives', async () => {
  const golden = TINY_CASES[0]
  const { bytes, card } = await exportCase({ ...golden, mode: 'converged' })
  const model = await loadHere(bytes)
  models.push(model)
  const weights = foldTargets(goldenWeights(golden.weights, golden.config), golden.config, [TARGET])
  const few = ['TiO2_skewed', 'NaCl_conv', 'GaN_unwrapped'].map((name) => crystals.get(name)!)
  const batch = packBatch(few.map((crystal) => prepareCrystal(crystal, card.geometry, card.elements)))
  const tfjs = await withParameters(weights, (parameters) =>
    networkOf(golden.config).forward(parameters, golden.config, batchTensors(batch)).dataSync(),
  )
  for (const [n, crystal] of few.entries()) {
    const { value } = await model.predict(crystal)
    expect(relativeError(value, tfjs[n], TARGET.std)).toBeLessThan(F32)
  }
})
