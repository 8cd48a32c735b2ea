// Neighbour tables of a sphere, both enumerations: against brute force, against the shells of cubic lattices, and their
// invariances.

import { describe, expect, test } from 'vitest'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { supercell } from '../../src/crystal/supercell.ts'
import type { Mat3 } from '../../src/math/vectors.ts'
import { neighbourTable } from '../../src/periodic/neighbours.ts'
import { sphereTable } from '../../src/periodic/sphere.ts'
import { sphereTableByBins } from '../../src/periodic/sphere-by-bins.ts'
import type { NeighbourTable } from '../../src/periodic/types.ts'
import {
  awkwardCrystals,
  bruteForce,
  distances,
  F64,
  randomCrystal,
  seeded,
  worstDifference,
} from './crystals.ts'

/** Far too few images are expected, so that the arrays have to grow. */
const TOO_FEW = 1

const enumerations: [string, (crystal: Structure, radius: number) => NeighbourTable][] = [
  ['pair by pair', (crystal, radius) => sphereTable(crystal, radius, TOO_FEW)],
  ['by bins', (crystal, radius) => sphereTableByBins(crystal, radius, TOO_FEW, () => {})],
]

describe.each(enumerations)('sphere table %s', (_, tableOf) => {
  test.each(awkwardCrystals)('%s: every image, in order', (_, crystal, radius) => {
    const table = tableOf(crystal, radius)
    expect(table.atoms).toBe(crystal.frac.length)
    expect(table.offsets[table.atoms]).toBe(table.neighbour.length)
    for (let i = 0; i < table.atoms; i++) {
      const images = bruteForce(crystal, i, radius)
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

  // Points of the lattices at squared distance m (in units of the cell edge squared, halved for fcc): OEIS A005875, A004015.
  const shells: [string, Mat3, number, number[]][] = [
    [
      'simple cubic',
      scaled(
        [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
        3.3,
      ),
      3.3,
      [1, 6, 12, 8, 6, 24, 24, 0, 12, 30],
    ],
    [
      'fcc',
      scaled(
        [
          [0, 1, 1],
          [1, 0, 1],
          [1, 1, 0],
        ],
        1.7,
      ),
      1.7 * Math.SQRT2,
      [1, 12, 6, 24, 12, 24, 8, 48, 6, 36],
    ],
  ]
  test.each(shells)('%s: shells that touch the sphere are whole', (_, lattice, step, counts) => {
    const crystal = structure({ lattice, frac: [[0.2, 0.7, 0.1]], species: [29] })
    let inside = 0
    counts.forEach((count, m) => {
      inside += count
      // Radius 0 is no sphere; a hair's breadth stands for it.
      expect(tableOf(crystal, Math.max(1e-3, step * Math.sqrt(m))).neighbour.length).toBe(inside)
    })
  })

  test('an image and its opposite are exact negatives, and zero is not negative', () => {
    const table = tableOf(randomCrystal(5, 4), 8)
    const seen = new Map<string, number>()
    for (let i = 0; i < table.atoms; i++) {
      for (let at = table.offsets[i]; at < table.offsets[i + 1]; at++) {
        const r = table.displacement.subarray(3 * at, 3 * at + 3)
        expect(r.some((x) => Object.is(x, -0))).toBe(false)
        const key = (a: number, b: number, sign: number) => [a, b, ...r.map((x) => 0 + sign * x)].join()
        seen.set(key(i, table.neighbour[at], 1), at)
        seen.set(key(table.neighbour[at], i, -1), at)
      }
    }
    expect(seen.size).toBe(table.neighbour.length)
  })
})

describe('the two enumerations agree', () => {
  const shapes: [string, number[][]][] = [
    [
      'nearly cubic',
      [
        [1, 0, 0],
        [0.1, 1, 0],
        [-0.1, 0.2, 1],
      ],
    ],
    [
      'skewed',
      [
        [1, 0, 0],
        [1.6, 1, 0],
        [-2.3, 1.4, 1],
      ],
    ],
    [
      'skewed the other way, left-handed',
      [
        [1, 0.3, -0.2],
        [0.4, -1.2, 2.5],
        [-0.9, 0.8, 0.6],
      ],
    ],
    [
      'flat, in vacuum',
      [
        [1, 0, 0],
        [-0.5, 0.9, 0],
        [0, 0, 6],
      ],
    ],
    [
      'a thin rod',
      [
        [4, 0, 0],
        [0.1, 0.5, 0],
        [0.2, 0, 0.5],
      ],
    ],
  ]
  const sizes: [number, number][] = [
    [20, 4],
    [90, 5],
    [300, 6],
  ]
  describe.each(shapes)('%s', (_, shape) => {
    test.each(sizes)('%i atoms at %i Å', (atoms, radius) => {
      const random = seeded(atoms)
      const crystal = structure({
        lattice: scaled(shape, Math.cbrt(atoms * 14)),
        frac: Array.from({ length: atoms }, () => [3 * random() - 1, random(), random()]),
        species: Array.from({ length: atoms }, () => 6),
      })
      const pairwise = sphereTable(crystal, radius, TOO_FEW)
      const binned = sphereTableByBins(crystal, radius, TOO_FEW, () => {})
      expect([...binned.offsets]).toEqual([...pairwise.offsets])
      expect(worstDifference(binned.neighbour, pairwise.neighbour)).toBe(0)
      expect(worstDifference(binned.displacement, pairwise.displacement)).toBeLessThan(F64)
    })
  })
})

describe('the neighbourhood of an atom does not depend on', () => {
  const radius = 7.5
  const crystal = randomCrystal(21, 5)
  const sphere = (s: Structure) => neighbourTable(s, { kind: 'sphere', radius })
  const original = sphere(crystal)

  function expectSame(changed: Structure, atomOf = (i: number) => i) {
    const table = sphere(changed)
    for (let i = 0; i < table.atoms; i++) {
      expect(worstDifference(distances(table, i), distances(original, atomOf(i)))).toBeLessThan(F64)
    }
  }

  test('the choice of cell', () => {
    // Unimodular: another cell of the same lattice, L' = M·L, frac' = frac·M⁻¹.
    const M: Mat3 = [
      [1, 0, 0],
      [-2, 1, 0],
      [3, 1, 1],
    ]
    const lattice = M.map((row) =>
      [0, 1, 2].map((x) => row.reduce((sum, n, m) => sum + n * crystal.lattice[m][x], 0)),
    )
    const frac = crystal.frac.map(([f1, f2, f3]) => [f1 + 2 * f2 - 5 * f3, f2 - f3, f3])
    expectSame(structure({ lattice, frac, species: crystal.species }))
  })

  test.each<[string, Mat3]>([
    [
      'doubled',
      [
        [2, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
    ],
    [
      'skewed, five times as large',
      [
        [1, 1, 0],
        [-1, 2, 1],
        [0, -1, 1],
      ],
    ],
    [
      'mirrored, three times as large',
      [
        [0, 1, 0],
        [1, 0, 0],
        [0, 0, 3],
      ],
    ],
  ])('the size of the cell: %s', (_, matrix) => {
    const larger = supercell(crystal, matrix)
    const copies = larger.frac.length / crystal.frac.length
    expectSame(larger, (i) => Math.floor(i / copies))
  })

  test('cell lists of a large supercell', () => {
    const larger = supercell(crystal, [
      [4, 0, 0],
      [0, 4, 0],
      [0, 0, 4],
    ])
    expect(larger.frac.length).toBe(320)
    expectSame(larger, (i) => Math.floor(i / 64))
  })

  test('whole cells between coordinates', () => {
    const frac = crystal.frac.map((f, i) => f.map((x, m) => x + ((i * 7 + m * 3) % 5) - 2))
    expectSame(structure({ lattice: crystal.lattice, frac, species: crystal.species }))
  })

  test('rotation and handedness', () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)]
    const turn = ([x, y, z]: readonly number[]) => [
      c * x - s * y,
      c * (s * x + c * y) - s * z,
      s * (s * x + c * y) + c * z,
    ]
    const { frac, species, lattice } = crystal
    expectSame(structure({ lattice: lattice.map(turn), frac, species }))
    expectSame(structure({ lattice: lattice.map(([x, y, z]) => [x, -y, z]), frac, species }))
  })
})

function scaled(lattice: number[][], edge: number): Mat3 {
  return lattice.map((row) => row.map((x) => x * edge)) as unknown as Mat3
}
