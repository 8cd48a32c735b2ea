// How often intervals hold, of numbers that can be counted by hand.

import { expect, it } from 'vitest'
import { SHOWN_LEVELS } from '../../src/math/coverage.ts'
import { coverages } from '../../src/training/coverage.ts'

/** One around 0 at each level, as wide as it says. */
const around = (...halves: (number | null)[]) =>
  SHOWN_LEVELS.map((level, l) => {
    const half = halves[l]
    return half === null ? null : { level, low: [-half, 1 - half], high: [half, 1 + half] }
  })

it('counts the true values within, and halves the widths, by target and level', () => {
  const intervals = [around(1, 2, 3, null), around(2, 3, 4, null), around(3, 4, 5, null)]
  const actual = [
    [1.5, 1],
    [2, null],
    [-6, 5],
  ]
  const [first, second] = coverages(intervals, actual, 2)
  expect(first).toEqual([
    { level: 0.5, coverage: 1 / 3, half_width: 2 },
    { level: 0.8, coverage: 2 / 3, half_width: 3 },
    { level: 0.9, coverage: 2 / 3, half_width: 4 },
  ])
  expect(second).toEqual([
    { level: 0.5, coverage: 1 / 2, half_width: 2 },
    { level: 0.8, coverage: 1, half_width: 3 },
    { level: 0.9, coverage: 1, half_width: 4 },
  ])
})
