// Wave tables against sums over the whole grid, computed from positions and reciprocal vectors.

import { describe, expect, test } from 'vitest'
import type { Structure } from '../../src/crystal/structure.ts'
import type { Vec3 } from '../../src/math/vectors.ts'
import { packBatch } from '../../src/periodic/batch.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'
import { waveCosine, waveTable } from '../../src/periodic/reciprocal.ts'
import { awkwardCrystals, displacement, randomCrystal, volume } from './crystals.ts'

/** Phases of up to a hundred radians, in float64; atoms far outside the cell have more. */
const PHASE = 1e-11
const F32 = 1e-6

const ELEMENTS = Array.from({ length: 98 }, (_, row) => row + 1)

/** k_n for every n of the whole grid, solved from l_a · k = 2π n_a by Cramer's rule. */
function wholeGrid({ lattice }: Structure, range: number): Vec3[] {
  const waves: Vec3[] = []
  const v = volume(lattice)
  const component = (n: Vec3, x: number) =>
    (2 * Math.PI * volume(lattice.map((l, a) => l.map((y, b) => (b === x ? n[a] : y))) as never)) / v
  for (let n1 = -range; n1 <= range; n1++) {
    for (let n2 = -range; n2 <= range; n2++) {
      for (let n3 = -range; n3 <= range; n3++) {
        const n: Vec3 = [n1, n2, n3]
        waves.push([component(n, 0), component(n, 1), component(n, 2)])
      }
    }
  }
  return waves
}

const dot = (a: Vec3, b: Vec3) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

describe('wave table', () => {
  test('63 waves of range 2, n = 0 first, weights that make up the whole grid', () => {
    const table = waveTable(randomCrystal(3, 2), 2)
    expect(table.waves).toBe(63)
    expect(table.norm2[0]).toBe(0)
    expect(table.weight[0]).toBe(1)
    expect(table.weight.reduce((sum, w) => sum + w, 0)).toBe(125)
  })

  test.each(awkwardCrystals)(
    '%s: Gaussian sums over half of the grid are those over all of it',
    (_, crystal) => {
      const range = 2
      const table = waveTable(crystal, range)
      const grid = wholeGrid(crystal, range)
      expect(table.logVolume).toBeCloseTo(Math.log(Math.abs(volume(crystal.lattice))), 12)
      for (const a of [-0.3, -2]) {
        for (let i = 0; i < table.atoms; i++) {
          for (let j = 0; j < table.atoms; j++) {
            const r = displacement(crystal, i, j, [0, 0, 0])
            const expected = grid.reduce((sum, k) => sum + Math.exp(a * dot(k, k)) * Math.cos(dot(k, r)), 0)
            let sum = 0
            for (let k = 0; k < table.waves; k++)
              sum += Math.exp(a * table.norm2[k]) * waveCosine(table, i, k, j)
            expect(Math.abs(sum - expected)).toBeLessThan(PHASE)
          }
        }
      }
    },
  )

  test('a batch holds the table of every crystal, partners of its own cell only', () => {
    const crystals = [randomCrystal(1, 3), randomCrystal(2, 1), randomCrystal(3, 4)]
    const prepared = crystals.map((crystal) =>
      prepareCrystal(crystal, { reciprocal: { range: 1 } }, ELEMENTS),
    )
    const { tensors, atoms, slots } = packBatch(prepared)
    expect(slots).toBe(0)
    expect(Object.keys(tensors).sort()).toEqual(
      [
        'log_volume',
        'occupancy',
        'partner',
        'partner_mask',
        'pool',
        'species',
        'wave_cosine',
        'wave_norm2',
      ].sort(),
    )
    expect(tensors.wave_cosine.dims).toEqual([8, 14, 4])
    expect(tensors.partner.dims).toEqual([8, 4])
    expect(tensors.partner_mask.dims).toEqual([8, 4])
    expect(tensors.wave_norm2.dims).toEqual([8, 14])
    expect(tensors.log_volume.dims).toEqual([8])
    let first = 0
    for (const table of prepared.map(({ waves }) => waves!)) {
      for (let i = 0; i < table.atoms; i++) {
        const row = first + i
        expect(tensors.log_volume.data[row]).toBe(Math.fround(table.logVolume))
        for (let j = 0; j < 4; j++) {
          const real = j < table.atoms
          expect(tensors.partner.data[row * 4 + j]).toBe(real ? first + j : row)
          expect(tensors.partner_mask.data[row * 4 + j]).toBe(real ? 1 : 0)
          for (let k = 0; k < 14; k++) {
            const cosine = tensors.wave_cosine.data[(row * 14 + k) * 4 + j]
            expect(Math.abs(cosine - (real ? waveCosine(table, i, k, j) : 0))).toBeLessThan(F32)
          }
        }
        for (let k = 0; k < 14; k++)
          expect(tensors.wave_norm2.data[row * 14 + k]).toBe(Math.fround(table.norm2[k]))
      }
      first += table.atoms
    }
    expect(first).toBe(atoms)
  })
})
