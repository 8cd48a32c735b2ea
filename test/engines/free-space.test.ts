import { describe, expect, it } from 'vitest'
import { FreeSpace } from '../../src/engines/free-space.ts'
import { numbers } from '../training/crystals.ts'

describe('FreeSpace', () => {
  it('takes the first hole that is large enough, at multiples of 64', () => {
    const free = new FreeSpace()
    free.extend(0, 1024)
    expect([free.take(1), free.take(65), free.take(0)]).toEqual([0, 64, 192])
    free.giveBack(64)
    expect(free.take(129)).toBe(256)
    expect(free.take(128)).toBe(64)
    expect(free.used).toBe(64 + 128 + 64 + 192)
  })

  it('joins what was given back with its neighbours', () => {
    const free = new FreeSpace()
    free.extend(0, 256)
    const [a, b, c, d] = [free.take(64)!, free.take(64)!, free.take(64)!, free.take(64)!]
    expect(free.take(1)).toBeUndefined()
    for (const at of [b, d, a, c]) free.giveBack(at)
    expect(free.take(256)).toBe(0)
  })

  it('says what is missing at the end of the memory', () => {
    const free = new FreeSpace()
    free.extend(0, 256)
    free.take(128)
    expect(free.missing(192, 256)).toBe(64)
    free.take(128)
    expect(free.missing(192, 256)).toBe(192)
    free.extend(256, 512)
    expect(free.take(192)).toBe(256)
  })

  it('never gives a place twice, and is whole again at the end', () => {
    const free = new FreeSpace()
    const size = 1 << 16
    free.extend(0, size)
    const held: { at: number; bytes: number }[] = []
    for (const [n, x] of numbers(7, 4000).entries()) {
      const at = x < 0.1 ? free.take(1 + Math.floor(Math.abs(x) * 4000)) : undefined
      if (at !== undefined) {
        const bytes = 1 + Math.floor(Math.abs(x) * 4000)
        for (const other of held) expect(at >= other.at + other.bytes || at + bytes <= other.at).toBe(true)
        held.push({ at, bytes })
      } else if (held.length > 0) {
        free.giveBack(held.splice(n % held.length, 1)[0].at)
      }
    }
    for (const { at } of held) free.giveBack(at)
    expect(free.used).toBe(0)
    expect(free.take(size)).toBe(0)
  })
})
