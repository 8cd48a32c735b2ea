// What the hull says of crystals that are asked about: how far above it they are, what they decompose into, and what an
// uncertain energy makes of that.

import { endsOf } from '../domain/ends.ts'
import type { Interval as Intervals } from '../domain/judge.ts'
import type { Hull, Phase } from './hull.ts'

/** A probability, and the ends between which a value is with it. */
export interface Interval {
  readonly level: number
  readonly low: number
  readonly high: number
}

/** What is said of one phase. */
export interface Verdict {
  /** eV/atom; 0 for a stable one. */
  readonly above: number
  /** What it decomposes into; itself, where it is stable. Amounts are shares of the atoms. */
  readonly decomposition: readonly { readonly formula: string; readonly amount: number }[]
  /** Of `above`, where the energy has one. The energies of what it decomposes into are taken as they are. */
  readonly interval?: Interval
}

/** The interval of a prediction, by target: that of the first one, where there is any. */
export function ofFirstTarget(intervals: Intervals | null): Interval | undefined {
  const ends = endsOf(intervals, 0)
  return ends && { level: intervals!.level, low: ends[0], high: ends[1] }
}

/** @param interval of the phase's energy */
export function judge(hull: Hull, phase: Phase, interval?: Interval): Verdict {
  const { products } = hull.at(phase.fractions)
  return {
    above: hull.above(phase),
    decomposition: products.map(({ phase: { formula }, amount }) => ({ formula, amount })),
    ...(interval && { interval: aboveOthers(hull, phase, interval) }),
  }
}

/** A phase that lowers the hull is on it however low it is: what counts is the hull of the others. */
function aboveOthers(hull: Hull, phase: Phase, { level, low, high }: Interval): Interval {
  const { energy } = hull.at(phase.fractions, phase)
  return { level, low: Math.max(0, low - energy), high: Math.max(0, high - energy) }
}
