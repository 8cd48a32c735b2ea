// Supercells: numbers of atoms, volumes, and that the atoms are those of the small cell.

import { describe, expect, test } from 'vitest'
import { cellVolume, structure } from '../../src/crystal/structure.ts'
import { supercell } from '../../src/crystal/supercell.ts'
import { StructureError } from '../../src/errors.ts'
import type { Mat3 } from '../../src/math/vectors.ts'
import { randomCrystal, seeded } from '../periodic/crystals.ts'

const crystal = randomCrystal(31, 3, 2)

describe('supercell', () => {
  test('of any integer matrix has |det| copies of every site, each on a lattice translation of it', () => {
    const random = seeded(5)
    for (let trial = 0; trial < 30; trial++) {
      const matrix = [0, 1, 2].map(() => [0, 1, 2].map(() => Math.floor(7 * random()) - 3)) as unknown as Mat3
      const det = Math.round(cellVolume(matrix))
      if (det === 0) continue
      const larger = supercell(crystal, matrix)
      expect(larger.frac.length).toBe(3 * Math.abs(det))
      expect(cellVolume(larger.lattice) / cellVolume(crystal.lattice)).toBeCloseTo(det, 9)
      const copies = new Set<string>()
      larger.frac.forEach((f, i) => {
        const site = Math.floor(i / Math.abs(det))
        expect(larger.species[i]).toEqual(crystal.species[site])
        // In units of the small cell: frac' · matrix − frac is an integer vector.
        const n = [0, 1, 2].map(
          (x) => f[0] * matrix[0][x] + f[1] * matrix[1][x] + f[2] * matrix[2][x] - crystal.frac[site][x],
        )
        for (const x of n) expect(Math.abs(x - Math.round(x))).toBeLessThan(1e-9)
        // No copy twice, modulo the large cell.
        copies.add([site, ...f.map((x) => Math.round((x - Math.floor(x)) * 1e6) % 1e6)].join())
      })
      expect(copies.size).toBe(larger.frac.length)
    }
  })

  test('keeps name and partial occupancies', () => {
    const mixed = structure({
      lattice: [
        [4, 0, 0],
        [0, 4, 0],
        [0, 0, 4],
      ],
      frac: [[0, 0, 0]],
      species: [
        [
          { element: 26, occupancy: 0.25 },
          { element: 28, occupancy: 0.75 },
        ],
      ],
      name: 'Fe–Ni',
    })
    const doubled = supercell(mixed, [
      [2, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ])
    expect(doubled.name).toBe('Fe–Ni')
    expect(doubled.frac).toEqual([
      [0, 0, 0],
      [0.5, 0, 0],
    ])
    expect(doubled.species).toEqual([mixed.species[0], mixed.species[0]])
  })

  test.each<[string, Mat3]>([
    [
      'singular',
      [
        [1, 0, 0],
        [2, 0, 0],
        [0, 0, 1],
      ],
    ],
    [
      'not of integers',
      [
        [1.5, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
    ],
  ])('refuses a matrix that is %s', (_, matrix) => {
    expect(() => supercell(crystal, matrix)).toThrow(StructureError)
  })
})
