import { describe, expect, it } from 'vitest'
import { hashText } from '../../src/math/hash.ts'
import { congruential } from '../../src/math/random/congruential.ts'
import type { Random } from '../../src/math/random/random.ts'
import { sfc32 } from '../../src/math/random/sfc32.ts'
import { random, xoshiro128 } from '../../src/math/random/xoshiro.ts'

const GENERATORS: Record<string, (seed: number) => Random> = { random, sfc32, congruential }

const draws = (n: number, f: () => number) => Array.from({ length: n }, f)
const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length

describe('random', () => {
  it('is xoshiro128**', () => {
    // What the authors' C program (xoshiro128starstar.c 1.1) gives from the state 1, 2, 3, 4.
    const expected = [
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]
    expect(draws(10, xoshiro128(Uint32Array.of(1, 2, 3, 4)))).toEqual(expected)
  })

  it('repeats for one seed and stream, and differs for another', () => {
    const first = (seed: number, stream?: number) => draws(5, random(seed, stream).uniform)
    expect(first(7, 3)).toEqual(first(7, 3))
    const others = [first(7), first(7, 1), first(8), first(8, 1), first(1, 7), first(0), first(-1)]
    expect(new Set(others.map(String)).size).toBe(others.length)
  })

  it('gives what it always gave', () => {
    const { uniform, normal, integer, shuffle } = random(7, 3)
    expect([uniform(), normal(), normal(), integer(1000)]).toEqual([
      0.5711796367661788, -1.3448821177630415, 0.41996980547596685, 196,
    ])
    expect(shuffle([0, 1, 2, 3, 4, 5])).toEqual([2, 1, 5, 4, 3, 0])
  })
})

describe('sfc32 and congruential', () => {
  it('give what they always gave: weights and golden crystals depend on it', () => {
    expect(draws(3, sfc32(7).uniform)).toEqual([0.6793265456799418, 0.3552606177981943, 0.8932757552247494])
    expect(draws(3, sfc32(8).normal)).toEqual([0.36614554189088483, -0.6928626716013817, 1.112578606045123])
    const { between } = congruential(0)
    expect(draws(3, () => between(-1, 1))).toEqual([
      -0.9591946285218, -0.9669043035246432, 0.08631158899515867,
    ])
  })
})

describe.each(Object.entries(GENERATORS))('the draws of %s', (_, random) => {
  // Bounds below are six standard errors of the sample.
  it('uniform fills [0, 1)', () => {
    const n = 20_000
    const x = draws(n, random(1).uniform)
    expect(Math.min(...x)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...x)).toBeLessThan(1)
    expect(Math.abs(mean(x) - 0.5)).toBeLessThan(6 * Math.sqrt(1 / 12 / n))
    const bins = new Array(10).fill(0)
    for (const v of x) bins[Math.floor(10 * v)]++
    for (const count of bins) expect(Math.abs(count - n / 10)).toBeLessThan(6 * Math.sqrt(n * 0.09))
  })

  it('normal has the moments 0, 1, 0, 3', () => {
    const n = 20_000
    const x = draws(n, random(2).normal)
    const moment = (k: number) => mean(x.map((v) => v ** k))
    expect(Math.abs(moment(1))).toBeLessThan(6 * Math.sqrt(1 / n))
    expect(Math.abs(moment(2) - 1)).toBeLessThan(6 * Math.sqrt(2 / n))
    expect(Math.abs(moment(3))).toBeLessThan(6 * Math.sqrt(15 / n))
    expect(Math.abs(moment(4) - 3)).toBeLessThan(6 * Math.sqrt(96 / n))
  })

  it('between, integer and pick stay in range and reach every value', () => {
    const rng = random(3)
    const x = draws(1000, () => rng.between(-2, 5))
    expect(x.every((v) => v >= -2 && v < 5)).toBe(true)
    expect(new Set(draws(1000, () => rng.integer(6)))).toEqual(new Set([0, 1, 2, 3, 4, 5]))
    expect(new Set(draws(1000, () => rng.pick([4, 9])))).toEqual(new Set([4, 9]))
  })

  it('shuffles in place, every order equally often', () => {
    const rng = random(4)
    const counts = new Map<string, number>()
    const n = 6000
    for (let i = 0; i < n; i++) {
      const order = rng.shuffle(['a', 'b', 'c']).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    for (const count of counts.values())
      expect(Math.abs(count - n / 6)).toBeLessThan(6 * Math.sqrt((n * 5) / 36))
    const list = [1, 2, 3]
    expect(rng.shuffle(list)).toBe(list)
  })
})

describe('hashText', () => {
  it('spreads ids that differ in the last digit, and depends on the seed', () => {
    const n = 10_000
    const below = (seed: number) =>
      Array.from({ length: n }, (_, i) => hashText(`mp-${i}`, seed)).filter((h) => h < 0.1 * 2 ** 32).length
    for (const seed of [0, 1, 123])
      expect(Math.abs(below(seed) - n / 10)).toBeLessThan(6 * Math.sqrt(n * 0.09))
    expect(hashText('mp-1', 0)).not.toBe(hashText('mp-1', 1))
    expect(new Set(Array.from({ length: 1000 }, (_, i) => hashText(`${i}`))).size).toBe(1000)
  })
})
