// The cell geometry of the float64 reference, by what defines it, and against the tables of the network, which find the
// same frames in another way.

import { describe, expect, it } from 'vitest'
import { eigenvectors } from '../../models/reference/axes.ts'
import {
  latticeAxes,
  principalAxesOf,
  reciprocalOf,
  spacingsOf,
  volumeOf,
} from '../../models/reference/cell-geometry.ts'
import { sfc32 } from '../../src/math/random/sfc32.ts'
import type { Mat3, Vec3 } from '../../src/math/vectors.ts'
import { latticeFrame, principalFrame } from '../../src/periodic/cell-frames.ts'
import { goldenStructures, largestDifference } from '../golden/goldens.ts'

/** Rounding of a few operations of float64, relative to the largest number. */
const F64 = 1e-14

const dot = (a: Vec3, b: Vec3) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const { uniform } = sfc32(5)
const random = (): Mat3 => [0, 1, 2].map(() => [0, 1, 2].map(() => 2 * uniform() - 1)) as unknown as Mat3

/** Σ_n λ_n·e_n e_nᵀ of three orthonormal axes. */
function symmetric(values: Vec3, axes: Mat3): Mat3 {
  const entry = (c: number, d: number) => values.reduce((sum, x, n) => sum + x * axes[n][c] * axes[n][d], 0)
  return [0, 1, 2].map((c) => [0, 1, 2].map((d) => entry(c, d))) as unknown as Mat3
}

function orthonormal([x, y]: Mat3): Mat3 {
  const unit = (v: Vec3) => v.map((c) => c / Math.hypot(...v)) as unknown as Vec3
  const e1 = unit(x)
  const e2 = unit(y.map((c, n) => c - dot(y, e1) * e1[n]) as unknown as Vec3)
  const e3: Vec3 = [
    e1[1] * e2[2] - e1[2] * e2[1],
    e1[2] * e2[0] - e1[0] * e2[2],
    e1[0] * e2[1] - e1[1] * e2[0],
  ]
  return [e1, e2, e3]
}

describe('eigenvectors', () => {
  const turned = Array.from({ length: 40 }, () => orthonormal(random()))
  const upright: Mat3 = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]
  const spectra: readonly Vec3[] = [
    [1, 2, 3],
    [-2, 0, 5],
    [1, 1, 4],
    [1, 4, 4],
    [2, 2, 2],
    [0, 0, 0],
    [1, 1 + 1e-9, 1e6],
    [-1, 1e-12, 1],
    [0, 0, 7],
  ]

  it.each(spectra)('of the spectrum %d, %d, %d, in any axes', (...spectrum) => {
    const scale = Math.max(1, ...spectrum.map(Math.abs))
    for (const given of [upright, ...turned]) {
      const matrix = symmetric(spectrum, given)
      const { values, axes } = eigenvectors(matrix)
      expect(largestDifference(values, spectrum) / scale).toBeLessThan(F64)
      // m·e = λ·e, and the axes are orthonormal
      for (const [n, e] of axes.entries()) {
        const image = matrix.map((row) => dot(row, e))
        const wanted = e.map((x) => values[n] * x)
        expect(largestDifference(image, wanted) / scale).toBeLessThan(F64)
        expect(
          largestDifference(
            axes.map((other) => dot(e, other)),
            upright[n],
          ),
        ).toBeLessThan(F64)
      }
    }
  })

  it('of a matrix that no shift of its corner would change', () => {
    const { values } = eigenvectors([
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 0],
    ])
    expect(largestDifference(values, [-1, 0, 1])).toBeLessThan(F64)
  })
})

describe('cells', () => {
  const crystals = [...goldenStructures()]

  it.each(crystals)('%s', (_, { lattice }) => {
    const reciprocal = reciprocalOf(lattice)
    for (const [a, l] of lattice.entries()) {
      const products = reciprocal.map((b) => dot(l, b) / (2 * Math.PI))
      expect(
        largestDifference(
          products,
          [0, 1, 2].map((m) => Number(m === a)),
        ),
      ).toBeLessThan(F64 * 10)
      // planes of one spacing, each of the area that is left of the volume
      expect(spacingsOf(lattice)[a] * Math.hypot(...reciprocal[a])).toBeCloseTo(2 * Math.PI, 12)
    }
    expect(volumeOf(lattice)).toBeGreaterThan(0)
  })

  it.each(crystals)('frames of %s are those of the tables', (name, crystal) => {
    const close = 1e-9
    expect(
      largestDifference(latticeAxes(crystal.lattice).flat(), latticeFrame(crystal.lattice).flat()),
    ).toBeLessThan(close)
    // Of a symmetric cell the principal axes are not defined; of two atoms only one is.
    if (!name.endsWith('_rattled') || crystal.frac.length < 4) return
    expect(largestDifference(principalAxesOf(crystal).flat(), principalFrame(crystal).flat())).toBeLessThan(
      close,
    )
  })

  it('a left-handed cell has the reciprocal vectors of its own, and a positive volume', () => {
    const lattice: Mat3 = [
      [2, 0, 0],
      [0, 3, 0],
      [0, 0, -4],
    ]
    expect(volumeOf(lattice)).toBe(24)
    expect(spacingsOf(lattice)).toEqual([2, 3, 4])
    expect(reciprocalOf(lattice)[2][2]).toBeCloseTo(-Math.PI / 2, 15)
  })

  it('equally short translations are taken in scan order, acute and right-handed', () => {
    const cube: Mat3 = [
      [3, 0, 0],
      [0, 3, 0],
      [0, 0, 3],
    ]
    // [−1,0,0], [0,−1,0] and [0,0,−1] come first; together they are left-handed.
    expect(latticeAxes(cube).map((row) => row.map((x) => x + 0))).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ])
  })
})
