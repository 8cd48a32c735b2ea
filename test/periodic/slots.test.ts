// The rectangle of slots and images that a batch gets must hold what every atom of it needs, whatever the work it saves.

import { describe, expect, it } from 'vitest'
import { type Runs, slotShape } from '../../src/periodic/slots.ts'

/** Runs of images of some atoms by their lengths. */
function runs(lengths: readonly (readonly number[])[]): Runs {
  const offsets = Int32Array.from([0, ...lengths.map((_, i) => lengths.slice(0, i + 1).flat().length)])
  const flat = lengths.flat()
  let sum = 0
  return { offsets, start: Int32Array.from([0, ...flat.map((length) => (sum += length))]) }
}

/** A fixed sequence of numbers from 0 to 1. */
function sequence(seed: number): () => number {
  let state = seed
  return () => (state = (state * 16807) % 2147483647) / 2147483647
}

describe('slotShape', () => {
  it('holds every image of every atom, for two thousand batches', () => {
    const next = sequence(7)
    for (let batch = 0; batch < 2000; batch++) {
      const longest = 1 + Math.floor(20 * next())
      const lengths = Array.from({ length: 1 + Math.floor(6 * next()) }, () =>
        Array.from({ length: 1 + Math.floor(30 * next()) }, () => 1 + Math.floor(longest * next())),
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
