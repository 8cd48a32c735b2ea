// Ids of which only hashes are kept: every one that stands twice is found, and none is taken for another.

import { expect, it } from 'vitest'
import { hashedIds } from '../../../src/data/stored/hashed-ids.ts'

/** Looks among ids as whoever reads the data again would. */
const among = (ids: readonly string[]) => async (id: string, before: number) => {
  const n = ids.slice(0, before).indexOf(id)
  return n < 0 ? undefined : `line ${n + 1}`
}

it('finds those that stand twice among many, with the place where they stood', async () => {
  const ids = Array.from({ length: 50_000 }, (_, n) => `crystal-${n % 49_990}`)
  const { placeBefore } = hashedIds(among(ids))
  const found: unknown[] = []
  for (const [n, id] of ids.entries()) {
    const earlier = await placeBefore(id, `line ${n + 1}`, n)
    if (earlier !== undefined) found.push([id, earlier])
  }
  expect(found).toEqual(Array.from({ length: 10 }, (_, n) => [`crystal-${n}`, `line ${n + 1}`]))
})

it.each([0, 7, 2 ** 32 - 1])('takes no id for another that has the same hash, here %i', async (word) => {
  const ids = ['a', 'b', 'a']
  const hash = Buffer.alloc(8)
  hash.writeUInt32LE(word, 4)
  const { placeBefore } = hashedIds(among(ids), () => hash)
  expect(await placeBefore('a', 'line 1', 0)).toBeUndefined()
  expect(await placeBefore('b', 'line 2', 1)).toBeUndefined()
  expect(await placeBefore('a', 'line 3', 2)).toBe('line 1')
})
