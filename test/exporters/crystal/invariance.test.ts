// What a crystal's property must not depend on, through onnxruntime: how the crystal lies in space, which cell describes
// it, in which order its atoms come, and who shares the batch. The sums are converged: the published box is not invariant.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { relativeError } from '../../../runtimes/card.ts'
import type { Model } from '../../../runtimes/model.ts'
import { type Structure, structure } from '../../../src/crystal/structure.ts'
import { supercell } from '../../../src/crystal/supercell.ts'
import { goldenStructures } from '../../golden/goldens.ts'
import { exportCase, loadHere, TARGET, TINY } from './exported.ts'

/** Float32, and the neglected tail of the sum, which another cell cuts in other places only by rounding. */
const SAME = 1e-5

const crystals = goldenStructures()
const names = ['GaN_wurtzite_rattled', 'SrTiO3_rattled', 'TiO2_rutile', 'NaCl_prim']
let model: Model

beforeAll(async () => {
  model = await loadHere((await exportCase({ ...TINY, mode: 'converged' })).bytes)
})
afterAll(() => model.dispose())

async function expectSame(a: Structure, b: Structure, what: string): Promise<void> {
  const [one, other] = await Promise.all([model.predict(a), model.predict(b)])
  expect(relativeError(other.value, one.value, TARGET.std), what).toBeLessThan(SAME)
}

const each = names.map((name) => [name, crystals.get(name)!] as const)

it.each(each)('rotation and mirror: %s', async (_, s) => {
  const [sin, cos] = [Math.sin(1.1), Math.cos(1.1)]
  const turned = s.lattice.map(([x, y, z]) => [cos * x - sin * z, y, sin * x + cos * z])
  await expectSame(s, structure({ ...s, lattice: turned }), 'rotated')
  await expectSame(s, structure({ ...s, lattice: s.lattice.map(([x, y, z]) => [-x, y, z]) }), 'mirrored')
})

it.each(each)('origin and unwrapped coordinates: %s', async (_, s) => {
  await expectSame(
    s,
    structure({ ...s, frac: s.frac.map(([x, y, z]) => [x + 0.37, y - 0.81, z + 2]) }),
    'moved',
  )
  const unwrapped = s.frac.map(([x, y, z], i) => [x + (i % 3) - 1, y - (i % 2), z + (i % 5) - 2])
  await expectSame(s, structure({ ...s, frac: unwrapped }), 'unwrapped')
})

it.each(each)('order of the atoms: %s', async (_, s) => {
  const order = s.frac.map((_, i) => i).sort((a, b) => ((a * 7 + 3) % 11) - ((b * 7 + 3) % 11))
  await expectSame(
    s,
    structure({
      lattice: s.lattice,
      frac: order.map((i) => s.frac[i]),
      species: order.map((i) => s.species[i]),
    }),
    'reordered',
  )
})

it.each(each)('supercell and skewed cell: %s', async (_, s) => {
  await expectSame(
    s,
    supercell(s, [
      [2, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]),
    'doubled',
  )
  await expectSame(
    s,
    supercell(s, [
      [1, 1, 0],
      [-1, 2, 0],
      [0, 1, 1],
    ]),
    'three times as large, and skewed',
  )
  await expectSame(
    s,
    supercell(s, [
      [1, 0, 0],
      [3, 1, 0],
      [-2, 2, 1],
    ]),
    'skewed',
  )
})

it('company in the batch', async () => {
  const all = [...crystals.values()].filter(({ frac }) => frac.length <= 20)
  const alone = await Promise.all(all.map((s) => model.predict(s)))
  for (const maxAtoms of [1, 40, 10_000]) {
    for await (const outcome of model.predictMany(all, { maxAtoms })) {
      const { value } = alone[outcome.index]
      expect(relativeError(outcome.value ?? Number.NaN, value, TARGET.std), `${maxAtoms}`).toBeLessThan(SAME)
    }
  }
})
