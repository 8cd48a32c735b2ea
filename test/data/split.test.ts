import { describe, expect, it } from 'vitest'
import { structure } from '../../src/crystal/structure.ts'
import { labelledCrystal, type Split } from '../../src/data/labelled.ts'
import { rankingHash, splitDataset, splitNumbers, splitsByHash } from '../../src/data/split.ts'
import { random } from '../../src/math/random/xoshiro.ts'

const IRON = structure({
  lattice: [
    [3, 0, 0],
    [0, 3, 0],
    [0, 0, 3],
  ],
  frac: [[0, 0, 0]],
  species: [26],
})
const crystals = (n: number, split?: (i: number) => Split | undefined) =>
  Array.from({ length: n }, (_, i) =>
    labelledCrystal({ id: `c${i}`, structure: IRON, split: split?.(i), targets: [] }),
  )
const sizes = (s: ReturnType<typeof splitDataset>) => [s.train.length, s.val.length, s.test.length]
const names = (list: readonly { id: string }[]) => new Set(list.map((c) => c.id))

describe('splitDataset', () => {
  it('takes the splits of the file when it has them', () => {
    const set = crystals(6, (i) => (['train', 'train', 'val', 'test', 'train', 'val'] as const)[i])
    const { train, val, test } = splitDataset(set, { test: 0.5, seed: 3 })
    expect(train.map((c) => c.id)).toEqual(['c0', 'c1', 'c4'])
    expect(val.map((c) => c.id)).toEqual(['c2', 'c5'])
    expect(test.map((c) => c.id)).toEqual(['c3'])
  })

  it('otherwise deals exact shares, none of them twice', () => {
    const set = crystals(100)
    expect(sizes(splitDataset(set))).toEqual([80, 10, 10])
    expect(sizes(splitDataset(set, { val: 0.05, test: 0.25 }))).toEqual([70, 5, 25])
    const { train, val, test } = splitDataset(set)
    expect(names([...train, ...val, ...test]).size).toBe(100)
  })

  it('depends on ids and seed, not on the order of the file', () => {
    const set = crystals(200)
    const split = splitDataset(set)
    expect(names(splitDataset([...set].reverse()).test)).toEqual(names(split.test))
    expect(names(splitDataset(set, { seed: 1 }).test)).not.toEqual(names(split.test))
  })

  it('keeps groups together', () => {
    const group = ({ id }: { id: string }) => id.slice(0, 2)
    const { train, val, test } = splitDataset(crystals(100), { groupBy: group, val: 0.2, test: 0.2 })
    const groups = [train, val, test].map((s) => new Set(s.map(group)))
    expect(groups[0].size + groups[1].size + groups[2].size).toBe(new Set(crystals(100).map(group)).size)
    expect(val.length).toBeGreaterThan(10)
    expect(test.length).toBeGreaterThan(10)
  })

  it('refuses half a split, no train, and shares that leave none', () => {
    expect(() => splitDataset(crystals(4, (i) => (i < 3 ? 'train' : undefined)))).toThrow(
      '3 of 4 crystals name',
    )
    expect(() => splitDataset(crystals(4, () => 'test'))).toThrow(
      'none of the 4 crystals is in the train split',
    )
    expect(() => splitDataset(crystals(4), { val: 0.5, test: 0.5 })).toThrow('leave nothing to train on')
    expect(() => splitDataset(crystals(4), { val: Number.NaN })).toThrow('val NaN')
  })
})

describe('splitsByHash', () => {
  it('deals as splitNumbers does, those with the same hash by their keys', () => {
    const keys = Array.from({ length: 200_000 }, (_, n) => `crystal ${random(3, n).integer(2 ** 31)} ${n}`)
    const hashes = Uint32Array.from(keys, rankingHash)
    const asked = new Set<number>()
    const keyOf = (n: number) => {
      asked.add(n)
      return keys[n]
    }
    const split = new Map(splitsByHash(hashes, keyOf))
    const expected = splitNumbers(new Array(keys.length).fill(undefined), () => keys)
    for (const name of ['train', 'val', 'test'] as const)
      expect([...keys.keys()].filter((n) => split.get(n) === name)).toEqual([...expected[name]])
    // Of so many keys a few have the same hash of 32 bits, and no others are looked at.
    const times = new Map<number, number>()
    for (const hash of hashes) times.set(hash, (times.get(hash) ?? 0) + 1)
    expect(asked.size).toBeGreaterThan(0)
    for (const n of asked) expect(times.get(hashes[n])).toBeGreaterThan(1)
  })
})
