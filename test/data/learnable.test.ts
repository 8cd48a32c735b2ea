// Values that float32 cannot learn, and values that only look odd.

import { describe, expect, it } from 'vitest'
import { targetFaults } from '../../src/data/learnable.ts'
import { momentsOf } from '../../src/math/moments.ts'

/** Sixty values of mean about 0 and standard deviation about 1. */
const SPREAD = Array.from({ length: 60 }, (_, n) => 1.7 * Math.sin(1.3 * n) + 0.05 * n - 1.5)
const kinds = (values: number[]) =>
  targetFaults('y', values, values).map(({ kind, isFatal }) => [kind, isFatal])

describe('targetFaults', () => {
  it('finds nothing in ordinary values, of any ordinary size', () => {
    for (const size of [1e-20, 1e-3, 1, 1e6, 1e25]) expect(kinds(SPREAD.map((y) => size * y))).toEqual([])
    expect(kinds(SPREAD.map((y) => 1e4 + y))).toEqual([])
    // Gaps that are 0 for most, a yes or no, and a skewed distribution.
    expect(kinds([...Array(500).fill(0), ...SPREAD.map(Math.abs)])).toEqual([])
    expect(kinds([...Array(95).fill(0), 1, 1, 1, 1, 1])).toEqual([])
    expect(kinds(SPREAD.map((y) => Math.exp(y)))).toEqual([])
    expect(targetFaults('y', [], [])).toEqual([])
  })

  it('refuses sizes beyond float32, whatever sums of them would do', () => {
    for (const size of [1e300, 1e31, 1e-32, 1e-300, 5e-324]) {
      const [fault, ...others] = targetFaults('y', [size, 2 * size, 4 * size], [size, 2 * size, 4 * size])
      expect([fault.kind, fault.isFatal, others]).toEqual(['range', true, []])
    }
    // In val or test, too, where it would make an error infinite.
    expect(targetFaults('y', SPREAD, [...SPREAD, -1e32])).toMatchObject([{ kind: 'range', values: [60] }])
  })

  it('refuses what is the same for all, and says how many digits tell values apart', () => {
    expect(kinds([3.5, 3.5])).toEqual([['constant', true]])
    expect(targetFaults('y', Array(7).fill(0.1), [0.1])[0]?.message).toContain('is 0.1 for all 7')
    const [lost] = targetFaults('y', [1e6 - 1e-3, 1e6 + 1e-3], [1e6])
    expect(lost).toMatchObject({ kind: 'resolution', isFatal: true })
    expect(lost.message).toBe(
      "y is 1.00000e+6 ± 0.0010: 7 of the 7 digits that a model's float32 predictions carry are the same for all crystals; " +
        'subtract 1000000 from it',
    )
    // Five millionths: two digits are left.
    const poor = targetFaults('y', [2e5 - 1, 2e5 + 1], [2e5])
    expect(poor).toMatchObject([{ kind: 'resolution', isFatal: false }])
    expect(poor[0].message).toContain('5 of the 7 digits')
    expect(kinds([1e4 - 1, 1e4 + 1])).toEqual([])
  })

  it('finds values that drown the others', () => {
    expect(targetFaults('y', SPREAD, [...SPREAD, 9999])).toMatchObject([
      { kind: 'far-out', isFatal: false, values: [60] },
    ])
    expect(kinds([...SPREAD, 1e28, -1e28])).toEqual([['far-out', true]])
    expect(kinds([...SPREAD, 8])).toEqual([])
  })
})

describe('momentsOf', () => {
  it('neither overflows nor underflows', () => {
    // Mean 5, squared deviations 9 1 1 1 0 0 4 16 = 32, over 8 = 4.
    const values = [2, 4, 4, 4, 5, 5, 7, 9]
    for (const power of [-1020, -900, 0, 900, 1020]) {
      const { mean, std } = momentsOf(values.map((y) => y * 2 ** power))
      expect([mean * 2 ** -power, std * 2 ** -power]).toEqual([5, 2])
    }
    expect(momentsOf([0, 0])).toEqual({ mean: 0, std: 0 })
    expect(momentsOf([Number.MAX_VALUE, -Number.MAX_VALUE])).toEqual({ mean: 0, std: Number.MAX_VALUE })
    expect(momentsOf([5e-324])).toEqual({ mean: 5e-324, std: 0 })
  })
})
