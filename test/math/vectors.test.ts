// Identities of vectors and matrices, on numbers for which they are exact.

import { describe, expect, it } from 'vitest'
import {
  adjugate,
  cross,
  determinant,
  dot,
  inverse,
  length,
  type Mat3,
  mapEntries,
  minus,
  negated,
  plus,
  product,
  scaled,
  times,
  UNIT_MATRIX,
  unit,
  type Vec3,
} from '../../src/math/vectors.ts'

const a: Vec3 = [1, -2, 3]
const b: Vec3 = [4, 5, -6]
const m: Mat3 = [
  [2, 0, 1],
  [-1, 3, 2],
  [4, 1, -2],
]

describe('vectors', () => {
  it('add, turn round and grow', () => {
    expect(plus(a, b)).toEqual([5, 3, -3])
    expect(minus(a, b)).toEqual([-3, -7, 9])
    expect(negated(a)).toEqual([-1, 2, -3])
    expect(scaled(a, 2)).toEqual([2, -4, 6])
  })

  it('have products and lengths', () => {
    expect(dot(a, b)).toBe(4 - 10 - 18)
    expect(cross([1, 0, 0], [0, 1, 0])).toEqual([0, 0, 1])
    expect(cross(a, b)).toEqual([-3, 18, 13])
    expect(length([2, 3, 6])).toBe(7)
    expect(unit([0, 0, -8])).toEqual([0, 0, -1])
  })
})

describe('matrices', () => {
  it('multiply rows', () => {
    expect(times(a, m)).toEqual([2 + 2 + 12, 0 - 6 + 3, 1 - 4 - 6])
    expect(product(m, UNIT_MATRIX)).toEqual(m)
    expect(times(times(a, m), m)).toEqual(times(a, product(m, m)))
  })

  it('have a determinant, an adjugate and an inverse', () => {
    expect(determinant(m)).toBe(2 * (-6 - 2) + 1 * (-1 - 12))
    expect(product(m, adjugate(m))).toEqual(mapEntries(UNIT_MATRIX, (x) => x * determinant(m) + 0))
    const even: Mat3 = [
      [2, 0, 0],
      [1, 4, 0],
      [0, 0, 8],
    ]
    expect(product(even, inverse(even))).toEqual(UNIT_MATRIX)
    expect(inverse([a, a, b]).flat().some(Number.isFinite)).toBe(false)
  })
})
