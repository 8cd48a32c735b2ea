// Groups of crystals by total atoms.

import { describe, expect, test } from 'vitest'
import { batchFill, packBatch } from '../../src/periodic/batch.ts'
import { groupAlike, groupByAtoms, streamByAtoms } from '../../src/periodic/group.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'
import { randomCrystal, seeded } from './crystals.ts'

const cases: [string, number[], number[][]][] = [
  ['nothing', [], []],
  ['all in one', [3, 4, 3], [[0, 1, 2]]],
  ['in order', [6, 5, 4, 1, 9], [[0], [1, 2, 3], [4]]],
  ['one too large is alone', [2, 40, 3], [[0], [1], [2]]],
  ['one too large first', [40, 3, 3], [[0], [1, 2]]],
]

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

describe('groups of at most 10 atoms', () => {
  test.each(cases)('%s', async (_, sizes, expected) => {
    expect(groupByAtoms(sizes, 10)).toEqual(expected)
    const items = sizes.map((atoms, index) => ({ atoms, index }))
    const streamed = await collect(streamByAtoms(items, 10))
    expect(streamed.map((group) => group.map(({ index }) => index))).toEqual(expected)
  })

  test('every crystal once, in order, no group too large unless it is one crystal', () => {
    const random = seeded(2)
    const sizes = Array.from({ length: 500 }, () => 1 + Math.floor(14 * random()))
    const groups = groupByAtoms(sizes, 10)
    expect(groups.flat()).toEqual(sizes.map((_, index) => index))
    for (const group of groups) {
      const total = group.reduce((sum, index) => sum + sizes[index], 0)
      expect(group.length === 1 || total <= 10).toBe(true)
    }
  })

  test('a stream hands out a group before the next item is asked for', async () => {
    const log: string[] = []
    function* source() {
      for (const atoms of [6, 6, 6]) {
        log.push('read')
        yield { atoms }
      }
    }
    for await (const group of streamByAtoms(source(), 10)) log.push(`group of ${group.length}`)
    expect(log).toEqual(['read', 'read', 'group of 1', 'read', 'group of 1', 'group of 1'])
  })
})

test('alike crystals together: every crystal once, groups within the limit, batches fuller', () => {
  const images = { kind: 'sphere', radius: 6 } as const
  const elements = Array.from({ length: 98 }, (_, row) => row + 1)
  const crystals = Array.from({ length: 40 }, (_, n) =>
    prepareCrystal(randomCrystal(100 + n, 1 + (n % 5)), { images }, elements),
  )
  const fill = (groups: number[][]) => {
    const batches = groups.map((group) => packBatch(group.map((index) => crystals[index])))
    return batches.reduce((sum, batch) => sum + batchFill(batch), 0) / batches.length
  }
  const alike = groupAlike(crystals, 20)
  expect(alike.flat().sort((a, b) => a - b)).toEqual(crystals.map((_, index) => index))
  for (const group of alike) {
    expect(group.reduce((sum, index) => sum + crystals[index].atoms, 0)).toBeLessThanOrEqual(20)
  }
  const ordered = groupByAtoms(
    crystals.map(({ atoms }) => atoms),
    20,
  )
  expect(fill(alike)).toBeGreaterThan(fill(ordered))
})
