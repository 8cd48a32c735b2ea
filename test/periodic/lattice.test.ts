// Reciprocal vectors, plane spacings and positions against their definitions and textbook cells.

import { describe, expect, test } from 'vitest'
import { structure } from '../../src/crystal/structure.ts'
import { dot, type Mat3 } from '../../src/math/vectors.ts'
import {
  cartesianPositions,
  planeSpacings,
  reciprocalVectors,
  triangularLattice,
} from '../../src/periodic/lattice.ts'
import { awkwardCrystals, displacement, worstDifference } from './crystals.ts'

/** Products of numbers of order one to ten, in float64. */
const F64 = 1e-12

describe('lattice', () => {
  test.each(awkwardCrystals)('%s: l_a · b_m = 2π δ_am', (_, { lattice }) => {
    const reciprocal = reciprocalVectors(lattice)
    for (let a = 0; a < 3; a++) {
      for (let m = 0; m < 3; m++) {
        expect(Math.abs(dot(lattice[a], reciprocal[m]) - (a === m ? 2 * Math.PI : 0))).toBeLessThan(F64)
      }
    }
  })

  test('spacings of a hexagonal cell: a·√3/2 twice, and c', () => {
    const hexagonal: Mat3 = [
      [3, 0, 0],
      [-1.5, 1.5 * Math.sqrt(3), 0],
      [0, 0, 5],
    ]
    const expected = [1.5 * Math.sqrt(3), 1.5 * Math.sqrt(3), 5]
    planeSpacings(hexagonal).forEach((h, m) => {
      expect(h).toBeCloseTo(expected[m], 12)
    })
  })

  test.each(awkwardCrystals)('%s: orthonormal axes that make the lattice triangular', (_, { lattice }) => {
    const { axes, u1, v1, w1, v2, w2, w3 } = triangularLattice(lattice)
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++)
        expect(Math.abs(dot(axes[a], axes[b]) - (a === b ? 1 : 0))).toBeLessThan(F64)
    }
    const turned = lattice.map((l) => axes.map((e) => dot(l, e)))
    expect(worstDifference(turned.flat(), [u1, v1, w1, 0, v2, w2, 0, 0, w3])).toBeLessThan(F64)
    for (const diagonal of [u1, v2, w3]) expect(diagonal).toBeGreaterThan(0)
  })

  test('positions are frac · L, not wrapped', () => {
    const lattice: Mat3 = [
      [2, 0, 0],
      [1, 3, 0],
      [0, -1, 4],
    ]
    const crystal = structure({
      lattice,
      frac: [
        [0, 0, 0],
        [-1.5, 2, 0.25],
      ],
      species: [1, 2],
    })
    expect([...cartesianPositions(crystal)]).toEqual([0, 0, 0, -1, 5.75, 1])
    expect(displacement(crystal, 0, 1, [0, 0, 0])).toEqual([-1, 5.75, 1])
  })
})
