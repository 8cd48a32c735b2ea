// Ids of any number of crystals, of each of which eight bytes of a hash stay in memory, in a table that is at most half full. An
// id whose hash was met before is looked for in the data themselves: it stands there already, or another has the same hash.

import { createHash } from 'node:crypto'
import type { IdRegister } from '../ids.ts'

/** Slots at the beginning; a power of two. */
const SLOTS = 2 ** 12

/**
 * @param find the place of an id among the first records of the data, which are read once more; undefined where it is in none
 * @param hashOf eight bytes that differ where ids do, but for accidents
 */
export function hashedIds(
  find: (id: string, before: number) => Promise<string | undefined>,
  hashOf: (id: string) => Buffer = sha256,
): IdRegister {
  /** Pairs of words; two zeros are an empty slot. */
  let table = new Uint32Array(2 * SLOTS)
  let count = 0

  /** Whether it was not there. */
  function add(into: Uint32Array, high: number, low: number): boolean {
    const mask = into.length / 2 - 1
    let slot = low & mask
    for (; into[2 * slot] !== 0 || into[2 * slot + 1] !== 0; slot = (slot + 1) & mask) {
      if (into[2 * slot] === high && into[2 * slot + 1] === low) return false
    }
    into[2 * slot] = high
    into[2 * slot + 1] = low
    return true
  }

  function grow(): void {
    const larger = new Uint32Array(2 * table.length)
    for (let at = 0; at < table.length; at += 2) {
      if (table[at] !== 0 || table[at + 1] !== 0) add(larger, table[at], table[at + 1])
    }
    table = larger
  }

  return {
    placeBefore: (id, _, before) => {
      const hash = hashOf(id)
      const [high, low] = [hash.readUInt32LE(0), hash.readUInt32LE(4)]
      // No slot is taken by zeros.
      const isNew = add(table, high, high === 0 && low === 0 ? 1 : low)
      if (!isNew) return find(id, before)
      if (++count > table.length / 4) grow()
      return undefined
    },
  }
}

function sha256(id: string): Buffer {
  return createHash('sha256').update(id).digest()
}
