// The interval of one target among those of a prediction.

import type { Interval } from './judge.ts'

/** Undefined where none is known: there are no intervals, or the target's is without an end. */
export function endsOf(
  interval: Interval | null,
  t: number,
): readonly [low: number, high: number] | undefined {
  if (!interval || interval.high[t] === Number.POSITIVE_INFINITY) return undefined
  return [interval.low[t], interval.high[t]]
}
