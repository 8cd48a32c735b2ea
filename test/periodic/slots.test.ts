// The rectangle of slots and images that a batch gets must hold what every atom of it needs, whatever the work it saves.

import { describe, expect, it } from 'vitest'
import { random } from '../../src/math/random/xoshiro.ts'
import type { Runs } from '../../src/periodic/runs.ts'
import { slotShape } from '../../src/periodic/slots.ts'

/** Runs of images of some atoms by their lengths. */
function runs(lengths: readonly (readonly number[])[]): Runs {
  const offsets = Int32Array.from([0, ...lengths.map((_, i) => lengths.slice(0, i + 1).flat().length)])
  const flat = lengths.flat()
  let sum = 0
  return { offsets, start: Int32Array.from([0, ...flat.map((length) => (sum += length))]) }
}

describe('slotShape', () => {
  it('holds every image of every atom, for two thousand batches', () => {
    const { integer } = random(7)
    for (let batch = 0; batch < 2000; batch++) {
      const longest = 1 + integer(20)
      const lengths = Array.from({ length: 1 + integer(6) }, () =>
        Array.from({ length: 1 + integer(30) }, () => 1 + integer(longest)),
      )
      const { slots, imagesPerSlot } = slotShape([runs(lengths)])
      const needed = lengths.map((own) => own.reduce((sum, n) => sum + Math.ceil(n / imagesPerSlot), 0))
      expect(slots, JSON.stringify(lengths)).toBe(Math.max(...needed))
    }
  })

  it('is the smallest rectangle where slots cost next to nothing', () => {
    expect(slotShape([runs([[4, 4, 4]])])).toEqual({ slots: 3, imagesPerSlot: 4 })
    expect(slotShape([runs([[1, 1, 9]])])).toEqual({ slots: 11, imagesPerSlot: 1 })
  })
})
