// Neighbour tables of a sphere against brute force, and their invariances.

import { describe, expect, test } from 'vitest'
import { type Mat3, type Structure, structure } from '../../src/crystal/structure.ts'
import { neighbourTable } from '../../src/periodic/index.ts'
import { bruteForce, randomCrystal } from './crystals.ts'

/** Float64 rounding of displacements of at most a few hundred Å. */
const F64 = 1e-11

const NaCl: Mat3 = [
  [0, 2.82, 2.82],
  [2.82, 0, 2.82],
  [2.82, 2.82, 0],
]

const cells: [string, Structure, number][] = [
  ...[1, 2, 3, 4, 5].map((n): [string, Structure, number] => [`random, ${n} atoms`, randomCrystal(n, n), 7]),
  ['far outside the cell', randomCrystal(11, 3, 12), 6],
  [
    'one atom, tiny cell',
    structure({
      lattice: [
        [1.9, 0, 0],
        [0.2, 2.1, 0],
        [0.1, 0.3, 2],
      ],
      frac: [[0.3, 0.1, 7.9]],
      species: [1],
    }),
    7,
  ],
  [
    'primitive rock salt',
    structure({
      lattice: NaCl,
      frac: [
        [0, 0, 0],
        [0.5, 0.5, 0.5],
      ],
      species: [11, 17],
    }),
    9.9,
  ],
  [
    'very skewed',
    structure({
      lattice: [
        [3, 0, 0],
        [14, 4, 0],
        [-11, 13, 5],
      ],
      frac: [
        [0, 0, 0],
        [0.4, 0.7, 0.2],
      ],
      species: [3, 8],
    }),
    8,
  ],
  [
    'left-handed and skewed',
    structure({
      lattice: [
        [3, 0, 0],
        [-11, 13, 5],
        [14, 4, 0],
      ],
      frac: [
        [0, 0, 0],
        [0.4, -0.7, 1.2],
      ],
      species: [3, 8],
    }),
    8,
  ],
]

describe('sphere table', () => {
  test.each(cells)('%s: every image, in order', (_, crystal, radius) => {
    const table = neighbourTable(crystal, { kind: 'sphere', radius })
    expect(table.atoms).toBe(crystal.frac.length)
    for (let i = 0; i < table.atoms; i++) {
      const images = bruteForce(crystal, i, radius)
      const [from, to] = [table.offsets[i], table.offsets[i + 1]]
      expect([...table.neighbour.subarray(from, to)]).toEqual(images.map((image) => image.j))
      const worst = images.reduce((most, { r }, f) => {
        const at = 3 * (from + f)
        return Math.max(most, ...r.map((x, k) => Math.abs(x - table.displacement[at + k])))
      }, 0)
      expect(worst).toBeLessThan(F64)
    }
  })
})
