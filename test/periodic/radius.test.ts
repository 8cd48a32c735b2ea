// erfc and the cutoff radius against published values.

import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { cutoffRadius, erfc, neglectedWeight } from '../../src/periodic/radius.ts'

/** A few units in the last place of float64. */
const ULPS = 2e-15

const relative = (value: number, expected: number) => Math.abs(value / expected - 1)

describe('erfc', () => {
  // NIST Digital Library of Mathematical Functions, section 7.23, and tables computed with mpmath at 30 digits.
  test.each([
    [0, 1],
    [0.1, 0.8875370839817152],
    [0.5, 0.4795001221869535],
    [1, 0.15729920705028513],
    [1.5, 0.033894853524689274],
    [2, 0.004677734981047266],
    [3, 2.209049699858544e-5],
    [4, 1.541725790028002e-8],
    [5, 1.5374597944280349e-12],
    [10, 2.088487583762545e-45],
  ])('erfc(%d)', (x, expected) => {
    expect(relative(erfc(x), expected)).toBeLessThan(ULPS)
  })
})

describe('cutoff radius', () => {
  // r²/σ² of a three-dimensional Gaussian is χ² distributed with 3 degrees of freedom; quantiles of its published tables.
  test.each([
    [0.5, 2.365973884375338],
    [0.05, 7.814727903251179],
    [0.01, 11.344866730144373],
    [0.001, 16.26623619623813],
  ])('share %d beyond the χ² quantile %d', (share, quantile) => {
    expect(relative(neglectedWeight(Math.sqrt(quantile)), share)).toBeLessThan(1e-13)
    expect(relative(cutoffRadius(1.98, share), 1.98 * Math.sqrt(quantile))).toBeLessThan(1e-13)
  })

  test('5σ neglects 1.54e-5', () => {
    expect(neglectedWeight(5)).toBeCloseTo(1.54e-5, 7)
  })

  test('is the inverse of the neglected weight', () => {
    for (const bound of [0.3, 1e-3, 1e-5, 1e-9, 1e-14]) {
      // d log(share)/dR grows with R: one unit in the last place of R is up to 50 of the share.
      expect(relative(neglectedWeight(cutoffRadius(1, bound)), bound)).toBeLessThan(1e-13)
    }
  })

  test.each([0, 1, -1, Number.NaN])('refuses an error bound of %d', (bound) => {
    expect(() => cutoffRadius(1, bound)).toThrow(ConfigError)
  })
})
