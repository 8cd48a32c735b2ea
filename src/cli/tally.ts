// The errors of one target on labelled crystals, added up: over all of them, inside and outside of the domain of the model,
// and how many true values lie in their intervals.

import type { Prediction } from '../../runtimes/predict.ts'
import { endsOf } from '../domain/ends.ts'
import { coverageOf, type Held } from '../math/coverage.ts'

export interface TallyResult {
  readonly n: number
  readonly mae: number
  readonly rmse: number
  /** Share of the crystals outside, and mean errors on both sides; null where the model does not know its domain. */
  readonly domain: {
    readonly outside: number
    readonly mae_inside: number | null
    readonly mae_outside: number | null
  } | null
  /** Share of the true values within their intervals, and the mean of half their widths; null without intervals. */
  readonly interval: { readonly level: number; readonly coverage: number; readonly half_width: number } | null
}

export interface Tally {
  add(prediction: Pick<Prediction, 'values' | 'domain' | 'interval'>, actual: number): void
  /** Undefined where there was no crystal. */
  result(): TallyResult | undefined
}

/** @param column of the target among the values of a prediction */
export function tally(column: number): Tally {
  const errors: number[] = []
  const [inside, outside]: number[][] = [[], []]
  const held: Held[] = []
  let level = 0
  return {
    add({ values, domain, interval }, actual) {
      const error = Math.abs(values[column] - actual)
      errors.push(error)
      if (domain) (domain.inside ? inside : outside).push(error)
      const ends = endsOf(interval, column)
      if (!interval || !ends) return
      level = interval.level
      held.push({ low: ends[0], high: ends[1], actual })
    },
    result: () => {
      const mae = mean(errors)
      if (mae === null) return undefined
      return {
        n: errors.length,
        mae,
        rmse: Math.sqrt(mean(errors.map((error) => error * error))!),
        domain:
          inside.length + outside.length === 0
            ? null
            : {
                outside: outside.length / errors.length,
                mae_inside: mean(inside),
                mae_outside: mean(outside),
              },
        interval: held.length === 0 ? null : { level, ...coverageOf(held) },
      }
    },
  }
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, x) => sum + x, 0) / values.length
}
