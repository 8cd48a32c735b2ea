// Checkpoints of PyTorch against the golden vectors of the published code: checkpoint → .onnx in published mode →
// onnxruntime must give golden·std + mean. The average of the weights, not the last ones.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import { goldenStructures as builtIn } from '../../exporters/crystal/golden.ts'
import { load } from '../../runtimes/node/load.ts'
import { readPublished } from '../../src/published/read.ts'
import { fixture } from '../cli/run.ts'
import { goldenStructures, goldenValues } from '../golden/goldens.ts'
import { needs, shared } from '../shared.ts'

/** Float32 through the network, in eV/atom. */
const F32 = 1e-5

/**
 * In a symmetric crystal several directions are equally good axes of a frame: the published code takes the first in
 * float32, another than its float64 goldens, and predictions differ by up to 3e-3. Rattled crystals have no such ties.
 */
const WITHOUT_TIES = /_rattled$/
/** Larger cells take seconds each and show nothing else. */
const MAX_ATOMS = 8

interface Case {
  readonly file: string | undefined
  readonly name: string
  readonly golden: string
  readonly target: { name: string; unit: string; mean: number; std: number }
  /** of the crystals that are compared */
  readonly names?: RegExp
}

const tiny = fixture('checkpoints/crystalformer_tiny.ckpt')
const CASES: readonly Case[] = [
  {
    file: tiny,
    name: 'crystalformer_tiny.ckpt',
    golden: 'tiny_cf_real_adaptive',
    target: { name: 'e_form', unit: 'eV/atom', mean: -1.4, std: 1.1 },
  },
  {
    file: fixture('checkpoints/crystalframer_tiny.ckpt'),
    name: 'crystalframer_tiny.ckpt',
    golden: 'tiny_cfr_max',
    target: { name: 'formation_energy', unit: 'eV/atom', mean: -0.7, std: 0.9 },
    names: WITHOUT_TIES,
  },
  {
    file: shared('checkpoints/crystalframer.ckpt'),
    name: 'crystalframer.ckpt',
    golden: 'cfr_max',
    target: { name: 'formation_energy', unit: 'eV/atom', mean: -0.7, std: 0.9 },
    names: WITHOUT_TIES,
  },
]

const crystals = goldenStructures()

for (const { file, name, golden, target, names = /./ } of CASES) {
  const values = goldenValues(golden)
  const here = file !== undefined && values !== undefined
  describe.skipIf(!here)(here ? name : needs(`checkpoints/${name}`), () => {
    it('predicts golden·std + mean', async () => {
      const { weights, config, targets } = readPublished(readFileSync(file!), file!)
      expect(targets).toEqual([{ ...target, mean: Math.fround(target.mean), std: Math.fround(target.std) }])
      const { bytes, card } = await exportCrystalModel({
        ...{ weights, config, targets, mode: 'published' },
        golden: builtIn().slice(1, 2),
      })
      expect(card.mode).toBe('published')
      const model = await load(bytes, { device: 'cpu', threads: 1, worker: false })
      let compared = 0
      for (const [structure, crystal] of crystals) {
        const output = values!.get(`${structure}/pred`)
        if (output === undefined || !names.test(structure) || crystal.frac.length > MAX_ATOMS) continue
        const { value } = await model.predict(crystal)
        expect.soft(Math.abs(value - (output[0] * target.std + target.mean)), structure).toBeLessThan(F32)
        compared++
      }
      await model.dispose()
      expect(compared).toBeGreaterThanOrEqual(3)
    })
  })
}

it('the last weights are others', () => {
  const bytes = readFileSync(tiny)
  const average = readPublished(bytes, tiny)
  const last = readPublished(bytes, tiny, { weights: 'last' })
  expect([average.set, average.averaged]).toEqual(['swa', 1234])
  expect([last.set, last.averaged]).toEqual(['last', undefined])
  // the file was made so: the last weights are 0.9 of the average, the statistics are the same
  const name = 'encoder.layers.0.linear1.weight'
  const [a, b] = [average, last].map(({ weights }) => weights.get(name)!.data)
  for (let n = 0; n < a.length; n++) expect(b[n]).toBeCloseTo(0.9 * a[n], 6)
})
