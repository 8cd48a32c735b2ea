// What a neighbour table refuses, quickly and in words that help.

import { describe, expect, test } from 'vitest'
import { structure } from '../../src/crystal/structure.ts'
import { LimitError, StructureError } from '../../src/errors.ts'
import { neighbourTable } from '../../src/periodic/neighbours.ts'
import { waveTable } from '../../src/periodic/reciprocal.ts'
import { sphereTableByBins } from '../../src/periodic/sphere-by-bins.ts'
import type { ImageSelection } from '../../src/periodic/types.ts'

const cube = (edge: number, atoms: number) =>
  structure({
    lattice: [
      [edge, 0, 0],
      [0, edge, 0],
      [0, 0, edge],
    ],
    frac: Array.from({ length: atoms }, () => [0, 0, 0]),
    species: Array.from({ length: atoms }, () => 6),
  })
const sphere = (radius: number): ImageSelection => ({ kind: 'sphere', radius })

describe('limits of a table', () => {
  test('more images than fit, by density', () => {
    expect(() => neighbourTable(cube(0.9, 100), sphere(30))).toThrow(LimitError)
    expect(() => neighbourTable(cube(0.9, 100), sphere(30))).toThrow(
      /100 atoms have 1,551,\d+,\d+ images within 30 Å, at most 16,777,216/,
    )
  })

  test('more images than the density foretells, because all atoms are in one place', () => {
    const asked: number[] = []
    const accept = (images: number) => {
      asked.push(images)
      if (images > 20_000) throw new LimitError('enough')
    }
    expect(() => sphereTableByBins(cube(200, 400), 5, 100, accept)).toThrow('enough')
    // Refused on the way, not when all 160,000 were found.
    expect(Math.max(...asked)).toBeLessThan(60_000)
  })

  test('a box of too many atoms', () => {
    expect(() => neighbourTable(cube(20, 400), { kind: 'box', range: 2 })).toThrow(
      /400 atoms have 20,000,000 images in the box \|n_m\| ≤ 2, 2, 2.*converged/,
    )
    expect(() => neighbourTable(cube(1, 60), { kind: 'adaptive-box', minimum: 2, max_cutoff: 50 })).toThrow(
      LimitError,
    )
  })

  test('wave vectors of too many atoms', () => {
    expect(() => waveTable(cube(30, 1200), 2)).toThrow(/1200 atoms have 90720000 cosines of 63 wave vectors/)
  })

  test('a cell that is all but flat', () => {
    const flat = structure({
      lattice: [
        [1e4, 0, 0],
        [1e4, 1e-4, 0],
        [0, 0, 1e4],
      ],
      frac: [[0, 0, 0]],
      species: [1],
    })
    expect(() => neighbourTable(flat, sphere(9.9))).toThrow(/lattice planes lie .* reduced \(Niggli\) cell/)
  })

  test('numbers beyond float64', () => {
    expect(() => neighbourTable(cube(1e200, 2), sphere(9.9))).toThrow(LimitError)
    expect(() => neighbourTable(cube(1e200, 2), { kind: 'adaptive-box', minimum: 2, max_cutoff: 7 })).toThrow(
      LimitError,
    )
  })

  test('a coordinate too far away', () => {
    const far = structure({
      lattice: [
        [4, 0, 0],
        [0, 4, 0],
        [0, 0, 4],
      ],
      frac: [
        [0, 0, 0],
        [0, 1e300, 0],
      ],
      species: [1, 1],
    })
    expect(() => neighbourTable(far, sphere(9.9))).toThrow(StructureError)
    expect(() => neighbourTable(far, sphere(9.9))).toThrow(/site 2: fractional coordinate 1e\+300 .* wrap it/)
  })
})
