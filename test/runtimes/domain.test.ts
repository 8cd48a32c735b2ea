// Verdict and interval of a model file: fitted with the file, told with every prediction by both engines in one pass of the
// graph, unknown in older files, and refused where they were edited.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { graphEvaluator } from '../../runtimes/graph-evaluator.ts'
import { load } from '../../runtimes/node/load.ts'
import { predictOne } from '../../runtimes/predict.ts'
import { runtimeOf } from '../../runtimes/runtime.ts'
import { structure } from '../../src/crystal/structure.ts'
import { supercell } from '../../src/crystal/supercell.ts'
import { exportCase, loadHere, TINY, withCard } from '../exporters/crystal/exported.ts'
import { chain, exported } from './models.ts'

/** Two engines that differ by rounding. */
const F32 = 1e-4

/** Chains of silicon and germanium with made-up labels. */
const labelled = (count: number, from: number) =>
  Array.from({ length: count }, (_, n) => ({
    structure: chain(2 + ((n + from) % 9), n % 2 ? 14 : 32),
    values: [-1.4 + Math.sin(n + from)],
  }))
const trusting = await exportCase(
  { ...TINY, mode: 'converged' },
  { domainData: { learned: labelled(60, 0), heldOut: labelled(30, 3) } },
)
const isolated = structure({
  lattice: [
    [20, 0, 0],
    [0, 20, 0],
    [0, 0, 20],
  ],
  frac: [[0, 0, 0]],
  species: [2],
})

describe('a file with a domain', () => {
  const models: Record<string, Awaited<ReturnType<typeof load>>> = {}
  beforeAll(async () => {
    for (const engine of ['onnxruntime', 'fused'] as const) {
      models[engine] = await load(trusting.bytes, { device: 'cpu', engine, threads: 2 })
    }
  })
  afterAll(() => Promise.all(Object.values(models).map((model) => model.dispose())))

  it('tells inside from outside, with both engines alike', async () => {
    for (const [crystal, inside] of [
      [chain(4), true],
      [isolated, false],
    ] as const) {
      const [a, b] = await Promise.all(Object.values(models).map((model) => model.predict(crystal)))
      expect(a.domain).toMatchObject({ inside })
      expect(b.domain!.inside).toBe(inside)
      expect(b.domain!.reasons).toEqual(a.domain!.reasons)
      expect(Math.abs(a.domain!.score / b.domain!.score - 1)).toBeLessThan(F32)
      expect(a.interval!.low[0]).toBeLessThan(a.value)
      expect(Math.abs(a.interval!.high[0] / b.interval!.high[0] - 1)).toBeLessThan(F32)
    }
    const { domain } = await models.fused.predict(isolated)
    expect(domain!.reasons).toContain('element He was never seen')
    expect(domain!.reasons.join()).toContain('too sparse: 8000 Å³ an atom')
  })

  it('gives the interval of the level that is asked for, of many crystals too', async () => {
    const { onnxruntime: model } = models
    const widths: number[] = []
    for (const level of [0.5, 0.8, 0.95]) {
      const { interval } = await model.predict(chain(4), { level })
      expect(interval!.level).toBe(level)
      widths.push(interval!.high[0] - interval!.low[0])
      for await (const outcome of model.predictMany([chain(4)], { level })) {
        expect(outcome.interval).toEqual(interval)
      }
    }
    expect(widths).toEqual(widths.toSorted((a, b) => a - b))
    await expect(model.predict(chain(4), { level: 0.99 })).rejects.toThrow(/level 0.99.*0.5 to 0.95/)
  })

  it('judges a supercell as the cell', async () => {
    const cell = await models.fused.predict(chain(3))
    const larger = await models.fused.predict(
      supercell(chain(3), [
        [1, 0, 0],
        [0, 2, 0],
        [0, 0, 1],
      ]),
    )
    expect(larger.domain!.inside).toBe(cell.domain!.inside)
    expect(Math.abs(larger.domain!.score / cell.domain!.score - 1)).toBeLessThan(F32)
  })

  it('is not looked at where nobody asks for it, and the embedding comes beside where somebody does', async () => {
    for (const model of Object.values(models)) {
      const { value, ...judged } = await model.predict(chain(4), { embedding: true })
      expect(judged.domain).not.toBeNull()
      const features = await model.embed(chain(4))
      for (const [n, x] of judged.embedding!.entries()) expect(x).toBeCloseTo(features[n], 5)
      const alone = await model.predict(chain(4), { trust: false })
      expect(alone).toMatchObject({ value: expect.closeTo(value, 5), domain: null, interval: null })
      expect(alone).not.toHaveProperty('embedding')
    }
  })

  it('is a section of the card, and the graph gives the embedding for it', () => {
    const { card, report } = trusting
    expect(report.domain).toEqual({ fitted: 60, held_out: 30, by_chemistry: 0 })
    expect(card.domain!.elements.map(([z]) => z)).toEqual([14, 32])
    expect(card.outputs).toEqual(['embedding'])
  })
})

it('asks the graph once', async () => {
  const asked: (readonly string[])[] = []
  const width = trusting.card.domain!.features!.width
  const session = {
    run: async (_: unknown, outputs: readonly string[] = []) => {
      asked.push(outputs)
      const of = (columns: number) => ({ data: new Float32Array(columns), dims: [1, columns] })
      return { prediction: of(1), embedding: of(width) }
    },
    release: async () => {},
  }
  const { card, bytes } = trusting
  const model = { bytes, card, inputs: [], outputs: ['prediction', 'embedding'] }
  const runtime = runtimeOf(graphEvaluator(model, 'cpu', session, { openPart: async () => session }), {
    device: 'cpu',
    parallel: 1,
  })
  await predictOne(card, runtime, chain(4))
  expect(asked).toEqual([['prediction', 'embedding']])
})

it('a file without one predicts as before, and knows nothing', async () => {
  const model = await loadHere(exported.bytes)
  expect(await model.predict(chain(4))).toMatchObject({ domain: null, interval: null })
  await model.dispose()
})

describe('an edited domain is refused', () => {
  it('by the seal of the file', async () => {
    const bytes = Buffer.from(trusting.bytes)
    const at = bytes.indexOf('"limit":') + '"limit":'.length + 1
    bytes[at] = bytes[at] === 0x39 ? 0x38 : 0x39
    await expect(load(bytes)).rejects.toThrow(/damaged or edited/)
    const unit = Buffer.from(trusting.bytes)
    unit.write('meV', unit.indexOf('eV/atom'))
    await expect(load(unit)).rejects.toThrow(/damaged or edited/)
    const target = Buffer.from(trusting.bytes)
    target.write('formation_enthal', target.indexOf('formation_energy'))
    await expect(load(target)).rejects.toThrow(/damaged or edited/)
  })

  it.each([
    ['of another model', (card: { domain?: unknown }) => ({ ...card, outputs: [] }), /needs the embedding/],
    [
      'of other targets',
      (card: { targets: readonly object[] }) => ({ ...card, targets: [...card.targets, ...card.targets] }),
      /./,
    ],
  ])('by the checks of the card: %s', async (_, change, message) => {
    // biome-ignore lint/suspicious/noExplicitAny: a card that is none
    const bytes = await withCard(trusting, change as any)
    await expect(load(bytes)).rejects.toMatchObject({
      code: 'MODEL_FILE',
      message: expect.stringMatching(message),
    })
  })

  it('by its bounds', async () => {
    const bytes = await withCard(trusting, (card) => {
      card.domain!.features!.step = -1
      return card
    })
    await expect(load(bytes)).rejects.toThrow(/invalid card/)
    const other = await withCard(trusting, (card) => {
      card.domain!.features!.places = 'AAAA'
      return card
    })
    await expect(load(other)).rejects.toThrow(/features of its domain are not of the sizes/)
  })
})
