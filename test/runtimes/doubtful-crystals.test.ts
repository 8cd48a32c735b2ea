// Crystals that must not get a number: objects that only look validated, atoms that lie in each other, and crystals for
// which the network overflows. Whatever one of them is, those that share its batch are predicted as if it were not there.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Model } from '../../runtimes/model.ts'
import type { Outcome } from '../../runtimes/predict.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { exportCase, loadHere, TARGET, TINY } from '../exporters/crystal/exported.ts'
import { goldenWeights } from '../golden/goldens.ts'
import { chain, exported } from './models.ts'

/** An element of which the embedding is so large that the network gives no number. */
const OVERFLOWING = 98

let model: Model
let overflowing: Model
beforeAll(async () => {
  model = await loadHere(exported.bytes)
  const weights = new Map(goldenWeights(TINY.weights, TINY.config))
  const { shape, data } = weights.get('input_embeddings.weight')!
  const [rows, elements] = shape
  const changed = Float32Array.from(data)
  for (let row = 0; row < rows; row++) changed[row * elements + OVERFLOWING - 1] = 1e38
  weights.set('input_embeddings.weight', { shape, data: changed })
  const { bytes } = await exportCase(TINY, { weights, targets: [TARGET], outputs: ['embedding'] })
  overflowing = await loadHere(bytes)
})
afterAll(() => Promise.all([model.dispose(), overflowing.dispose()]))

const CUBE = [
  [4, 0, 0],
  [0, 4, 0],
  [0, 0, 4],
]
const crystal = (frac: unknown, species: unknown, lattice: unknown = CUBE) =>
  ({ lattice, frac, species }) as unknown as Structure

/** Errors by place among good neighbours, whose values must be those that they have alone. */
async function amongGoodOnes(doubtful: Structure, by: Model = model): Promise<Outcome[]> {
  const good = [chain(3), chain(5)]
  const alone = await Promise.all(good.map((one) => by.predict(one)))
  const outcomes: Outcome[] = []
  for await (const outcome of by.predictMany([good[0], doubtful, good[1]])) outcomes.push(outcome)
  expect(outcomes.map(({ index }) => index)).toEqual([0, 1, 2])
  expect(outcomes[0].value).toBeCloseTo(alone[0].value, 5)
  expect(outcomes[2].value).toBeCloseTo(alone[1].value, 5)
  return outcomes
}

describe('a frozen object that structure() did not make', () => {
  it.each<[string, Structure, RegExp]>([
    [
      'an element by its symbol',
      crystal([[0, 0, 0]], ['Na']),
      /site 1: found "Na", expected an atomic number/,
    ],
    ['occupancy 5', crystal([[0, 0, 0]], [[{ element: 11, occupancy: 5 }]]), /occupancy 5 is not in/],
    ['occupancy NaN', crystal([[0, 0, 0]], [[{ element: 11, occupancy: Number.NaN }]]), /occupancy NaN/],
    ['occupancy as text', crystal([[0, 0, 0]], [[{ element: 11, occupancy: '1' }]]), /occupancy "1"/],
    ['a coordinate NaN', crystal([[Number.NaN, 0, 0]], [11]), /coordinates of site 1: NaN/],
    ['a coordinate as text', crystal([['0', 0, 0]], [11]), /coordinates of site 1: "0"/],
    ['a row that is none', crystal([null], [11]), /coordinates of site 1: found null/],
    ['a hole in its coordinates', crystal(new Array(1), [11]), /coordinates of site 1: found undefined/],
    ['a hole in its species', crystal([[0, 0, 0]], new Array(1)), /site 1: found undefined/],
    ['an occupant that is none', crystal([[0, 0, 0]], [[null]]), /atomic number undefined/],
    ['fewer species than coordinates', crystal([[0, 0, 0]], []), /1 coordinates for 0 species/],
    [
      'an infinite lattice',
      crystal([[0, 0, 0]], [11], [[Number.POSITIVE_INFINITY, 0, 0], ...CUBE.slice(1)]),
      /lattice row 1/,
    ],
    ['two lattice rows', crystal([[0, 0, 0]], [11], CUBE.slice(1)), /lattice has 2 rows/],
  ])('%s is refused alone', async (_, doubtful, message) => {
    const outcomes = await amongGoodOnes(Object.freeze(doubtful))
    expect(outcomes[1].error).toMatchObject({ code: 'STRUCTURE' })
    expect(outcomes[1].error!.message).toMatch(message)
    await expect(model.predict(doubtful)).rejects.toThrow(message)
  })

  it('is predicted when it is right', async () => {
    const plain = Object.freeze(crystal([[0, 0, 0]], [11]))
    const made = structure({ lattice: CUBE, frac: [[0, 0, 0]], species: [11] })
    expect((await model.predict(plain)).value).toBe((await model.predict(made)).value)
  })
})

describe('atoms that lie in each other', () => {
  it.each<[string, Structure, RegExp]>([
    [
      'two on one site',
      crystal(
        [
          [0.2, 0, 0],
          [0.2, 0, 0],
        ],
        [11, 17],
      ),
      /sites 1 and 2 are 0\.00 Å apart/,
    ],
    [
      'two on one site, a cell apart',
      crystal(
        [
          [0.2, 0, 0],
          [0.2, 3, -1],
        ],
        [11, 17],
      ),
      /sites 1 and 2 are 0\.00 Å apart/,
    ],
    [
      'across the boundary of the cell',
      crystal(
        [
          [0.05, 0.5, 0.5],
          [0.95, 0.5, 0.5],
        ],
        [11, 17],
      ),
      /are 0\.40 Å apart, 0\.15 of the sum/,
    ],
    [
      'one and its own image',
      crystal([[0, 0, 0]], [6], [[0.4, 0, 0], ...CUBE.slice(1)]),
      /site 1 and its own periodic image are 0\.40 Å/,
    ],
  ])('%s: refused, and named', async (_, doubtful, message) => {
    const outcomes = await amongGoodOnes(doubtful)
    expect(outcomes[1].error).toMatchObject({ code: 'STRUCTURE' })
    expect(outcomes[1].error!.message).toMatch(message)
  })

  it('may share a place when they are never there together', async () => {
    const half = (element: number) => [{ element, occupancy: 0.5 }]
    const shared = crystal(
      [
        [0, 0, 0],
        [0.01, 0, 0],
      ],
      [half(11), half(19)],
    )
    expect(Number.isFinite((await model.predict(shared)).value)).toBe(true)
  })
})

describe('a crystal for which the network overflows', () => {
  it('fails alone', async () => {
    const outcomes = await amongGoodOnes(chain(4, OVERFLOWING), overflowing)
    expect(outcomes[1].error).toMatchObject({ code: 'DEVICE' })
    expect(outcomes[1].error!.message).toMatch(/^the model gives (NaN|-?Infinity) for this crystal/)
  })

  it('has no embedding, either', async () => {
    const errors: (string | undefined)[] = []
    for await (const { error } of overflowing.embedMany([chain(2), chain(4, OVERFLOWING)])) {
      errors.push(error?.code)
    }
    expect(errors).toEqual([undefined, 'DEVICE'])
  })
})
