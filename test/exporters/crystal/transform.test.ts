// Targets of which the logarithm was learned: the file gives values in their unit, powers of ten of what the published code
// gives for golden weights, on both engines; and toolkits that do not know of it refuse it.

import { afterAll, describe, expect, it } from 'vitest'
import { exportCrystalModel } from '../../../exporters/crystal/export.ts'
import { goldenStructures as builtIn } from '../../../exporters/crystal/golden.ts'
import { verifyModel } from '../../../exporters/crystal/verify.ts'
import { joinMembers } from '../../../models/join-members.ts'
import { configure, networkOf } from '../../../models/registry.ts'
import { load } from '../../../runtimes/node/load.ts'
import { goldenStructures, goldenValues } from '../../golden/goldens.ts'
import { exportCase, loadHere, TARGET, TINY, withCard } from './exported.ts'

/** Of log10: float32 through a network, and its rounding of the power. */
const F32 = 2e-5

const LOG = { ...TARGET, name: 'conductivity', unit: 'S/m', transform: 'log10' } as const
const SAMPLES = builtIn().slice(1, 3)
const logarithmic = await exportCase(TINY, { targets: [LOG] })

/** A network of random weights, with the constants that a first step of training sets. */
function random(targets: number, seed: number) {
  const config = configure({ ...TINY.config, num_targets: targets })
  const weights = [...networkOf(config).initialise(config, seed)].map(([name, { shape, data }]) => {
    return [name, { shape, data: name.endsWith('gauss_scale') ? data.map(() => 0.2) : data }] as const
  })
  return { config, weights: new Map(weights) }
}

describe('a file of a logarithm', () => {
  const models: Awaited<ReturnType<typeof load>>[] = []
  afterAll(() => Promise.all(models.map((model) => model.dispose())))

  it('gives powers of ten of the golden values', async () => {
    const model = await loadHere(logarithmic.bytes)
    models.push(model)
    const golden = goldenValues(TINY.name)!
    let compared = 0
    for (const [name, crystal] of goldenStructures()) {
      const output = golden.get(`${name}/pred`)
      if (!output) continue
      const { value, unit } = await model.predict(crystal)
      expect(unit).toBe('S/m')
      expect(Math.abs(Math.log10(value) - (output[0] * LOG.std + LOG.mean)), name).toBeLessThan(F32)
      compared++
    }
    expect(compared).toBeGreaterThan(3)
  })

  it('is verified against float64, on all that runs here', async () => {
    const { pass, summaries } = await verifyModel(logarithmic.bytes, { devices: ['cpu'] })
    expect(pass).toBe(true)
    expect(summaries.map(({ device }) => device)).toEqual(['float64', 'float64-graph', 'tfjs', 'cpu'])
  })

  it('beside a target that is learned as it is, on both engines and with the geometry in the graph', async () => {
    const { config, weights } = random(2, 5)
    const targets = [TARGET, { ...LOG, mean: 2 }]
    const options = { weights, config, golden: SAMPLES }
    const plain = await exportCrystalModel({ ...options, targets: [TARGET, { ...TARGET, mean: 2 }] })
    const mixed = await exportCrystalModel({ ...options, targets })
    const inGraph = await exportCrystalModel({ ...options, targets, inGraph: true })
    const open = (bytes: Uint8Array, engine: 'onnxruntime' | 'fused') =>
      load(bytes, { device: 'cpu', engine, threads: 1, worker: false })
    const reference = await open(plain.bytes, 'onnxruntime')
    const others = await Promise.all([
      open(mixed.bytes, 'onnxruntime'),
      open(mixed.bytes, 'fused'),
      open(inGraph.bytes, 'onnxruntime'),
    ])
    models.push(reference, ...others)
    for (const crystal of SAMPLES) {
      const [a, b] = (await reference.predict(crystal)).values
      for (const model of others) {
        const [same, power] = (await model.predict(crystal)).values
        expect(Math.abs(same - a)).toBeLessThan(F32)
        expect(Math.abs(Math.log10(power) - b)).toBeLessThan(F32)
      }
    }
  })

  it('of an ensemble is the mean of the logarithms, with members and spread in the unit', async () => {
    const members = [1, 2].map((seed) => ({ ...random(1, seed), targets: [{ ...LOG, mean: seed }] }))
    const both = await exportCrystalModel({ ...joinMembers(members), golden: SAMPLES })
    for (const engine of ['onnxruntime', 'fused'] as const) {
      const model = await load(both.bytes, { device: 'cpu', engine, threads: 1, worker: false })
      models.push(model)
      expect(model.engine).toBe(engine)
      const { value, members: each, spread } = await model.predict(SAMPLES[0])
      const [[a], [b]] = each!
      expect(b / a).toBeGreaterThan(2)
      expect(Math.abs(value / Math.sqrt(a * b) - 1)).toBeLessThan(F32)
      expect(Math.abs(spread![0] / (Math.abs(a - b) / Math.SQRT2) - 1)).toBeLessThan(F32)
    }
    expect(() =>
      joinMembers([members[0], { ...members[1], targets: [{ ...TARGET, ...LOG, transform: undefined }] }]),
    ).toThrow(/member 1 predicts conductivity in S\/m, member 0 conductivity in S\/m, learned as log10/)
  })
})

describe('a toolkit that does not know of it', () => {
  it('refuses the file by its format, which others keep', async () => {
    expect(logarithmic.card.format).toBe(3)
    const { card } = await exportCase(TINY)
    expect(card.format).toBe(2)
    expect(card.targets[0]).not.toHaveProperty('transform')
  })

  it.each([
    [
      'a transform in an older card',
      (card: { format: number }) => ({ ...card, format: 2 }),
      /format 2 knows no transform/,
    ],
    [
      'one that is not known',
      (card: { targets: readonly object[] }) => ({
        ...card,
        targets: [{ ...card.targets[0], transform: 'sqrt' }],
      }),
      /invalid card/,
    ],
  ])('and this one: %s', async (_, change, message) => {
    // biome-ignore lint/suspicious/noExplicitAny: a card that is none
    await expect(load(await withCard(logarithmic, change as any))).rejects.toMatchObject({
      code: 'MODEL_FILE',
      message: expect.stringMatching(message),
    })
  })
})
