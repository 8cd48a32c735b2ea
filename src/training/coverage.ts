// How often the true values lie within the intervals of a domain, and how wide these are, at some levels.

import { endsOf } from '../domain/ends.ts'
import type { Interval } from '../domain/judge.ts'
import { coverageOf, SHOWN_LEVELS } from '../math/coverage.ts'

/** Intervals of one target at one level. */
export interface Coverage {
  /** what the interval promises: the share of the true values within */
  readonly level: number
  /** the share that lies within */
  readonly coverage: number
  /** half the width, in the mean, in the unit of the target */
  readonly half_width: number
}

/**
 * Of each target at each level, of those for which there are intervals.
 * @param intervals of one crystal after the other, at each of `SHOWN_LEVELS`; null where there is none
 * @param actual of one crystal after the other, by target; null where nobody knows
 */
export function coverages(
  intervals: readonly (readonly (Interval | null)[])[],
  actual: readonly (readonly (number | null)[])[],
  targets: number,
): Coverage[][] {
  return Array.from({ length: targets }, (_, t) =>
    SHOWN_LEVELS.flatMap((level, l): Coverage | [] => {
      const known = intervals.flatMap((own, c) => {
        const [interval, value] = [own[l], actual[c][t]]
        const ends = endsOf(interval, t)
        return !ends || value === null ? [] : [{ low: ends[0], high: ends[1], actual: value }]
      })
      if (known.length === 0) return []
      return { level, ...coverageOf(known) }
    }),
  )
}
