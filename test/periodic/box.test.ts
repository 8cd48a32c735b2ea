// Box tables against an explicit enumeration, and the reach of an image against the published rule for R_m(c).

import { describe, expect, test } from 'vitest'
import type { Structure } from '../../src/crystal/structure.ts'
import { neighbourTable } from '../../src/periodic/neighbours.ts'
import {
  awkwardCrystals,
  displacement,
  F64,
  type Image,
  inverseSpacings,
  seeded,
  worstDifference,
} from './crystals.ts'

/** Every image of atom i in the box, in the order of the contract. */
function boxImages(s: Structure, i: number, [r1, r2, r3]: readonly number[]): Image[] {
  const images: Image[] = []
  for (let j = 0; j < s.frac.length; j++) {
    for (let n1 = -r1; n1 <= r1; n1++) {
      for (let n2 = -r2; n2 <= r2; n2++) {
        for (let n3 = -r3; n3 <= r3; n3++)
          images.push({ j, n: [n1, n2, n3], r: displacement(s, i, j, [n1, n2, n3]) })
      }
    }
  }
  return images
}

describe.each(awkwardCrystals)('box tables: %s', (_, crystal) => {
  test('fixed box', () => {
    const table = neighbourTable(crystal, { kind: 'box', range: 1 })
    expect(table.reach).toBeUndefined()
    for (let i = 0; i < table.atoms; i++) {
      const images = boxImages(crystal, i, [1, 1, 1])
      const [from, to] = [table.offsets[i], table.offsets[i + 1]]
      expect([...table.neighbour.subarray(from, to)]).toEqual(images.map(({ j }) => j))
      const found = table.displacement.subarray(3 * from, 3 * to)
      expect(
        worstDifference(
          found,
          images.flatMap(({ r }) => r),
        ),
      ).toBeLessThan(F64)
    }
  })

  test('adaptive box: the reach of an image says for which cutoffs the published box holds it', () => {
    const minimum = 1
    const max_cutoff = 5
    // SPEC section 3, literally.
    const range = (c: number) =>
      inverseSpacings(crystal.lattice).map((x) => Math.max(minimum, Math.ceil((c + 0.01) * x)))
    const table = neighbourTable(crystal, { kind: 'adaptive-box', minimum, max_cutoff })
    const random = seeded(7)
    const cutoffs = [...Array.from({ length: 40 }, () => max_cutoff * random()), max_cutoff]
    for (let i = 0; i < table.atoms; i++) {
      const images = boxImages(crystal, i, range(max_cutoff))
      const [from, to] = [table.offsets[i], table.offsets[i + 1]]
      expect(to - from).toBe(images.length)
      const found = table.displacement.subarray(3 * from, 3 * to)
      expect(
        worstDifference(
          found,
          images.flatMap(({ r }) => r),
        ),
      ).toBeLessThan(F64)
      for (const c of cutoffs) {
        const R = range(c)
        const wrong = images.filter(
          ({ n }, f) => n.every((x, m) => Math.abs(x) <= R[m]) !== c > table.reach![from + f],
        )
        expect(wrong).toEqual([])
      }
    }
  })
})
