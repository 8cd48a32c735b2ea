// The embedding of crystals, against the float64 reference: one at a time, and many like predictions.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { referenceForward } from '../../models/reference/forward.ts'
import type { Model } from '../../runtimes/model.ts'
import { readModelFile } from '../../runtimes/model-file.ts'
import { ConfigError, ModelFileError } from '../../src/errors.ts'
import { exportCase, loadHere, TINY, withCard } from '../exporters/crystal/exported.ts'
import { goldenStructures, goldenWeights, TINY_CASES } from '../golden/goldens.ts'
import { chain, exported } from './models.ts'

/** Features of the order of 1, through two blocks in float32. */
const F32 = 1e-5

const crystals = [...goldenStructures().values()]
let model: Model
beforeAll(async () => {
  model = await loadHere((await exportCase({ ...TINY, mode: 'converged' }, { outputs: ['embedding'] })).bytes)
})
afterAll(() => model.dispose())

/** Mean over the atoms of what the last block gives, in float64. */
function reference(n: number): number[] {
  const { encoderOut } = referenceForward(
    goldenWeights(TINY.weights, TINY.config),
    TINY.config,
    crystals[n],
    'converged',
  )
  const d = TINY.config.model_dim
  const atoms = encoderOut.length / d
  return Array.from({ length: d }, (_, c) =>
    Array.from({ length: atoms }, (_, i) => encoderOut[i * d + c]).reduce((a, b) => a + b / atoms, 0),
  )
}

function difference(found: Float32Array, expected: readonly number[]): number {
  return Math.max(...expected.map((x, c) => Math.abs(x - found[c])))
}

describe('embed', () => {
  it('gives the pooled atoms of the float64 reference', async () => {
    for (const n of [0, 3, 8]) {
      const embedding = await model.embed(crystals[n])
      expect(embedding).toHaveLength(32)
      expect(difference(embedding, reference(n)), crystals[n].name).toBeLessThan(F32)
    }
  })

  it('predicts as before', async () => {
    const plain = await loadHere(exported.bytes)
    for (const crystal of crystals.slice(0, 4)) {
      expect((await model.predict(crystal)).value).toBe((await plain.predict(crystal)).value)
    }
    await plain.dispose()
  })
})

describe('embedMany', () => {
  it('gives all in input order, and the error of one that fails in its place', async () => {
    const mixed = [crystals[0], crystals[3], chain(3, 110), crystals[8]]
    const seen = []
    for await (const outcome of model.embedMany(mixed)) seen.push(outcome)
    expect(seen.map(({ index, error }) => [index, error?.code])).toEqual([
      [0, undefined],
      [1, undefined],
      [2, 'ELEMENT'],
      [3, undefined],
    ])
    for (const [place, n] of [
      [0, 0],
      [1, 3],
      [3, 8],
    ]) {
      expect(difference(seen[place].embedding!, reference(n))).toBeLessThan(F32)
      expect(seen[place].ms).toBeGreaterThanOrEqual(0)
    }
  })
})

describe('a model without it', () => {
  it('says how to export it', async () => {
    const plain = await loadHere(exported.bytes)
    await expect(plain.embed(crystals[0])).rejects.toThrow(ConfigError)
    await expect(plain.embed(crystals[0])).rejects.toThrow(/--outputs embedding/)
    expect(() => plain.embedMany(crystals)).toThrow(/--outputs embedding/)
    await plain.dispose()
  })

  it('is refused when its card promises one', async () => {
    const promises = await withCard(exported, (card) => ({ ...card, outputs: ['embedding'] }))
    expect(() => readModelFile(promises)).toThrow(ModelFileError)
  })

  it('has a card that says nothing of outputs when it is an older one', async () => {
    const bytes = await withCard(exported, ({ outputs: _, ...card }) => card)
    expect(readModelFile(bytes).card.outputs).toEqual([])
  })

  it('may be of any domain', async () => {
    const { bytes } = await exportCase(TINY_CASES[2], { outputs: ['embedding'] })
    const reciprocal = await loadHere(bytes)
    expect(await reciprocal.embed(crystals[0])).toHaveLength(32)
    await reciprocal.dispose()
  })
})
