// Conformal quantiles: ranks by hand, and the coverage that they promise.

import { describe, expect, it } from 'vitest'
import { conformalQuantiles, quantileAt } from '../../src/domain/levels.ts'
import { numbers } from '../training/crystals.ts'

describe('conformalQuantiles', () => {
  it('takes the ⌈(n + 1)·level⌉-th value, and leaves out levels that so few cannot vouch for', () => {
    // 19 values: at 0.5 the 10th, at 0.9 the 18th, at 0.95 the 19th.
    const quantiles = conformalQuantiles(Array.from({ length: 19 }, (_, n) => 19 - n))
    expect(quantileAt(quantiles, 0.5)).toBe(10)
    expect(quantileAt(quantiles, 0.9)).toBe(18)
    expect(quantileAt(quantiles, 0.95)).toBe(19)
    // 9 values vouch for 0.9 and no more.
    const few = conformalQuantiles([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(quantileAt(few, 0.9)).toBe(9)
    expect(quantileAt(few, 0.91)).toBeUndefined()
    expect(conformalQuantiles([])).toEqual([])
  })

  it('lies in between for levels in between', () => {
    const quantiles = conformalQuantiles(Array.from({ length: 999 }, (_, n) => n + 1))
    expect(quantileAt(quantiles, 0.9)).toBe(900)
    expect(quantileAt(quantiles, 0.905)).toBeCloseTo(905, 9)
  })

  it('covers as many of what comes later as it says', () => {
    // Mean over many small calibrations of heavy-tailed values: the promise is about the mean.
    const draws = numbers(5, 400 * 60).map((x) => Math.abs(x) ** -0.4)
    const later = numbers(6, 4000).map((x) => Math.abs(x) ** -0.4)
    for (const level of [0.5, 0.8, 0.9, 0.95]) {
      let covered = 0
      for (let n = 0; n < 400; n++) {
        const limit = quantileAt(conformalQuantiles([...draws.subarray(60 * n, 60 * (n + 1))]), level)!
        covered += later.filter((x) => x <= limit).length / later.length / 400
      }
      expect(covered).toBeGreaterThan(level - 0.015)
      expect(covered).toBeLessThan(level + 1 / 61 + 0.015)
    }
  })
})
