// How often true values lie within their intervals, and how wide these are.

import { mean } from './mean.ts'

/** Levels that are shown side by side. */
export const SHOWN_LEVELS = [0.5, 0.8, 0.9, 0.95] as const

/** An interval of one value, and the value. */
export interface Held {
  readonly low: number
  readonly high: number
  readonly actual: number
}

/** Of one interval or more. */
export function coverageOf(held: readonly Held[]): {
  /** share of the true values that lie within */
  readonly coverage: number
  /** half the width, in the mean */
  readonly half_width: number
} {
  return {
    coverage: mean(held.map(({ low, high, actual }) => (low <= actual && actual <= high ? 1 : 0))),
    half_width: mean(held.map(({ low, high }) => (high - low) / 2)),
  }
}
