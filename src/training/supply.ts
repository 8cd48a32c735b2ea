// Prepared crystals of a data set, by number. A crystal is prepared at its first use and kept, until the memory that was
// granted is used up; from there on the others are prepared anew each time: those on a disk by another thread, while the batch
// before is computed.

import type { CrystalList } from '../data/crystals.ts'
import type { Feed } from '../engines/feed.ts'
import type { FedCrystal, Preparation } from '../engines/preparation.ts'
import type { Ahead } from './ahead/ahead.ts'
import { prepareCrystalOf } from './feed-crystal.ts'

/**
 * Memory that prepared crystals may take by default, bytes: of crystals that are in memory anyway about 60,000 of ten atoms with
 * the fused kernel; of those on a disk, which are prepared ahead, less.
 */
const [IN_MEMORY, ON_DISK] = [2 ** 30, 96 * 2 ** 20]
/** Crystals that are asked for ahead. */
const AHEAD = 512

export interface Supply {
  /** @param isKept whether it may be needed again @throws DatasetError naming a crystal that the network cannot take */
  readonly at: (n: number, isKept: boolean) => FedCrystal
  /** Batches of crystals, one after the other. */
  readonly batches: (groups: Iterable<readonly number[]>, isKept: boolean) => AsyncIterable<FedCrystal[]>
  readonly close: () => Promise<void>
}

/** Starts a thread that prepares crystals of a disk. */
export type StartAhead = (preparation: Preparation) => Promise<Ahead>

/** @param startAhead for crystals on a disk */
export function supplyOf(
  crystals: CrystalList,
  feed: Feed,
  startAhead?: StartAhead,
  bytes = crystals.placeOf ? ON_DISK : IN_MEMORY,
): Supply {
  const kept = new Map<number, FedCrystal>()
  let left = bytes
  let ahead: Ahead | undefined
  const keep = (n: number, made: FedCrystal, isKept: boolean): FedCrystal => {
    if (!isKept || kept.has(n)) return made
    // Not the small ones of later batches: those that were prepared together lie in one piece of memory.
    if (made.bytes > left) left = 0
    else {
      left -= made.bytes
      kept.set(n, made)
    }
    return made
  }
  const at = (n: number, isKept: boolean) =>
    kept.get(n) ?? keep(n, prepareCrystalOf(crystals.at(n), feed.prepare), isKept)

  async function* fromHere(groups: Iterable<readonly number[]>, isKept: boolean) {
    for (const group of groups) yield group.map((n) => at(n, isKept))
  }

  async function* fromDisk(
    groups: Iterable<readonly number[]>,
    isKept: boolean,
    placeOf: NonNullable<CrystalList['placeOf']>,
    startAhead: StartAhead,
  ) {
    ahead ??= await startAhead(feed.preparation)
    const { ask } = ahead
    const asked: { group: readonly number[]; missing: number[]; answer: Promise<readonly FedCrystal[]> }[] =
      []
    let waiting = 0
    const next = groups[Symbol.iterator]()
    for (;;) {
      while (waiting < AHEAD || asked.length < 2) {
        const { value: group, done } = next.next()
        if (done) break
        const missing = group.filter((n) => !kept.has(n))
        const answer = missing.length > 0 ? ask(missing.map(placeOf)) : Promise.resolve([])
        // Whoever waits for it hears of it.
        answer.catch(() => {})
        asked.push({ group, missing, answer })
        waiting += group.length
      }
      const first = asked.shift()
      if (first === undefined) return
      const { group, missing, answer } = first
      waiting -= group.length
      const made = new Map<number, FedCrystal>()
      for (const [m, crystal] of (await answer).entries())
        made.set(missing[m], keep(missing[m], crystal, isKept))
      yield group.map((n) => made.get(n) ?? at(n, isKept))
    }
  }

  return {
    at,
    batches: (groups, isKept) =>
      crystals.placeOf && startAhead
        ? fromDisk(groups, isKept, crystals.placeOf, startAhead)
        : fromHere(groups, isKept),
    close: async () => {
      await ahead?.close()
    },
  }
}
