// What a radius costs, against golden values in float64, which neglect nothing.

import { expect, it } from 'vitest'
import { structure } from '../../../src/crystal/structure.ts'
import { exportCase, loadHere, TARGET, TINY } from './exported.ts'

const converged = { ...TINY, mode: 'converged' } as const
/** Rounding of float32, in standard deviations of the target. */
const F32 = 1e-5

it('is what predictions differ by from those with all images, in the unit of the target', async () => {
  const { bytes, card, report } = await exportCase(converged, { geometry: { radius: 7 } })
  const model = await loadHere(bytes)
  const differences: number[] = []
  for (const { value, ...sample } of card.golden) {
    differences.push(Math.abs((await model.predict(structure(sample))).value - value[0]))
  }
  await model.dispose()
  const { crystals, converged_radius, mean, max } = card.radius_cost!
  expect(crystals).toBe(card.golden.length)
  expect(converged_radius).toBeGreaterThan(7)
  expect(Math.abs(max[0] - Math.max(...differences)) / TARGET.std).toBeLessThan(F32)
  const middle = differences.reduce((sum, x) => sum + x, 0) / differences.length
  expect(Math.abs(mean[0] - middle) / TARGET.std).toBeLessThan(F32)
  expect(report.radius_cost).toEqual(card.radius_cost)
})

it('is taken on the crystals that are given, and nothing where nothing is neglected', async () => {
  const { card: whole } = await exportCase(converged)
  expect(whole).not.toHaveProperty('radius_cost')
  const crystals = whole.golden.map((sample) => structure(sample))
  const many = Array.from({ length: 70 }, (_, n) => crystals[n % crystals.length])
  const { card } = await exportCase(converged, { geometry: { radius: 7 }, radiusCrystals: many })
  expect(card.radius_cost!.crystals).toBe(64)
})
