import { expect, test } from 'vitest'
import {
  type CellParameters,
  fractionalOf,
  heights,
  latticeFromParameters,
  latticeParameters,
  nearSquare,
  toCartesian,
  volume,
  wrap,
} from '../../src/crystal/cell.ts'
import { pointGrid } from '../../src/crystal/point-grid.ts'
import { StructureError } from '../../src/errors.ts'
import type { Mat3, Vec3 } from '../../src/math/vectors.ts'

/** Relative, float64. */
const F64 = 1e-12

/** Volume by the formula with the cosines, International Tables C, 1.1. */
function volumeOf([a, b, c, alpha, beta, gamma]: CellParameters): number {
  const [ca, cb, cg] = [alpha, beta, gamma].map((angle) => Math.cos((angle * Math.PI) / 180))
  return a * b * c * Math.sqrt(1 - ca ** 2 - cb ** 2 - cg ** 2 + 2 * ca * cb * cg)
}

test.each([
  [[5.64, 5.64, 5.64, 90, 90, 90]],
  [[3.25, 3.25, 5.2, 90, 90, 120]],
  [[5.15, 5.21, 5.32, 90, 99.2, 90]],
  [[7.1, 7.8, 5.6, 90.1, 101.3, 105.9]],
  [[4.75, 4.75, 4.75, 33, 33, 33]],
] as [CellParameters][])('cell %j to lattice and back', (cell) => {
  const lattice = latticeFromParameters(cell)
  const back = latticeParameters(lattice)
  for (const [i, x] of cell.entries()) expect(Math.abs(back[i] - x)).toBeLessThan(F64 * 1000)
  expect(Math.abs(volume(lattice) / volumeOf(cell) - 1)).toBeLessThan(F64)
  const f: Vec3 = [0.1, -0.7, 2.3]
  const again = fractionalOf(lattice)(toCartesian(f, lattice))
  for (const [i, x] of f.entries()) expect(Math.abs(again[i] - x)).toBeLessThan(F64)
})

test('right angles and 120° are exact', () => {
  expect(latticeFromParameters([2, 3, 4, 90, 90, 90])).toEqual([
    [2, 0, 0],
    [0, 3, 0],
    [0, 0, 4],
  ])
  expect(latticeFromParameters([2, 2, 4, 90, 90, 120])[1][0]).toBe(-1)
})

test.each([
  [[0, 1, 1, 90, 90, 90], /cell length a = 0/],
  [[1, Number.NaN, 1, 90, 90, 90], /cell length b = NaN/],
  [[1, 1, 1, 90, 180, 90], /cell angle beta = 180/],
  [[1, 1, 1, 20, 20, 120], /no cell has the angles/],
] as [CellParameters, RegExp][])('%j is no cell', (cell, message) => {
  expect(() => latticeFromParameters(cell)).toThrow(StructureError)
  expect(() => latticeFromParameters(cell)).toThrow(message)
})

test('heights of a hexagonal cell', () => {
  const [h] = heights(latticeFromParameters([2, 2, 5, 90, 90, 120]))
  expect(h).toBeCloseTo(Math.sqrt(3), 12)
})

test('wrapping', () => {
  expect(wrap([1.25, -0.25, 1 - 1e-15])).toEqual([0.25, 0.75, 0])
})

/** Length of the shortest image of `d`, over more images than any of these cells needs. */
function nearest(d: Vec3, lattice: Mat3): number {
  const shifts = [-2, -1, 0, 1, 2]
  const wrapped = wrap(d)
  const images = shifts.flatMap((i) => shifts.flatMap((j) => shifts.map((k): Vec3 => [i, j, k])))
  const lengths = images.map((n) =>
    Math.hypot(...toCartesian([wrapped[0] + n[0], wrapped[1] + n[1], wrapped[2] + n[2]], lattice)),
  )
  return Math.min(...lengths)
}

test('short distances between nearest images', () => {
  const lattice = latticeFromParameters([4, 5, 6, 75, 85, 100])
  for (const d of [
    [0.05, -0.02, 0.03],
    [0.97, 2.01, -1.04],
  ] as Vec3[]) {
    expect(Math.sqrt(nearSquare(lattice)(...d))).toBeCloseTo(nearest(d, lattice), 12)
  }
})

test('the grid finds what a search over everything finds', () => {
  const cells: CellParameters[] = [
    [9, 10, 11, 90, 90, 90],
    [7, 8, 9, 70, 80, 100],
    [1.9, 3, 12, 90, 90, 120],
  ]
  // A fixed sequence of fractions that fills the cube evenly (Weyl).
  const points = Array.from(
    { length: 400 },
    (_, i): Vec3 => [(i * 0.7548) % 1, (i * 0.5698) % 1, (i * 0.4306) % 1],
  )
  for (const cell of cells) {
    const lattice: Mat3 = latticeFromParameters(cell)
    const radius = 0.8
    const grid = pointGrid(lattice, radius, points.length)
    for (const p of points) grid.add(p)
    for (const q of points.slice(0, 20)) {
      const near = points.flatMap((p, i) => {
        const d: Vec3 = [q[0] - p[0], q[1] - p[1], q[2] - p[2]]
        return nearest(d, lattice) < radius ? [i] : []
      })
      expect(grid.near([q[0] + 1, q[1] - 2, q[2]])).toEqual(near)
    }
  }
})
