// The crystals of a split that its domain is fitted to: all that are in memory; of those on a disk so many that memory and time
// stay bounded, with every pair of elements that occurs in some.

import { random } from '../math/random/xoshiro.ts'
import type { PreparedSet } from './prepared.ts'

/** Crystals of a split that a domain, which has at most 1024 centres, is fitted to. */
const MOST_SAMPLES = 20_000
/** Crystals with a pair of elements that are taken before others are. */
const OF_A_PAIR = 8
/** Draws that have nothing to do with those of the training. */
const [SEED, STREAM] = [0, 0xd0]

/** Their indices in the set, ascending; the same for the same set. */
export function sampleOf(
  { length, labelled, isOnDisk }: Pick<PreparedSet, 'length' | 'labelled' | 'isOnDisk'>,
  most = MOST_SAMPLES,
): Int32Array {
  const all = Int32Array.from({ length }, (_, index) => index)
  if (!isOnDisk || length <= most) return all
  const order = random(SEED, STREAM).shuffle(Array.from(all))
  const isTaken = new Uint8Array(length)
  const seen = new Map<number, number>()
  let taken = 0
  for (const index of order) {
    if (taken === most) break
    const elements = [
      ...new Set(
        labelled(index)
          .structure.species.flat()
          .map((o) => o.element),
      ),
    ]
    const pairs = elements.flatMap((a) => elements.map((b) => 128 * Math.max(a, b) + Math.min(a, b)))
    if (pairs.every((pair) => (seen.get(pair) ?? 0) >= OF_A_PAIR)) continue
    for (const pair of new Set(pairs)) seen.set(pair, (seen.get(pair) ?? 0) + 1)
    isTaken[index] = 1
    taken++
  }
  for (const index of order) {
    if (taken === most) break
    if (isTaken[index] === 1) continue
    isTaken[index] = 1
    taken++
  }
  return all.filter((index) => isTaken[index] === 1)
}
