// Values far from the others, by a score that the outliers themselves do not shift, that a skewed distribution does not
// set off, and that knows of properties which are exactly 0 for many crystals (a band gap).

import { median } from '../../math/median.ts'

export interface RobustScale {
  readonly median: number
  /** Robust standard deviations below and above the median: 1.4826 times the median deviation on that side. */
  readonly below: number
  readonly above: number
  /** The commonest value and its share, where so many have it that it was left out of median and deviations. */
  readonly common?: { readonly value: number; readonly share: number }
}

/** A value that this share of crystals has is a class of its own. */
const COMMON_SHARE = 0.1

/**
 * Median, and median absolute deviations of each side scaled as for a normal distribution (Iglewicz and Hoaglin, How to
 * Detect and Handle Outliers, 1993; the sides apart as in Rosenmai's double MAD).
 */
export function robustScale(values: readonly number[]): RobustScale {
  const common = commonest(values)
  const isCommon = common !== undefined && common.share >= COMMON_SHARE
  const rest = isCommon ? values.filter((value) => value !== common.value) : values
  if (rest.length === 0) return { median: values[0], below: 0, above: 0, common }
  const centre = median(rest)
  return {
    median: centre,
    below: 1.4826 * median(rest.filter((value) => value <= centre).map((value) => centre - value)),
    above: 1.4826 * median(rest.filter((value) => value >= centre).map((value) => value - centre)),
    ...(isCommon && { common }),
  }
}

/** How many robust standard deviations a value lies from the median; 0 for the common value. */
export function robustScore(value: number, { median, below, above, common }: RobustScale): number {
  if (value === common?.value || value === median) return 0
  const scale = value < median ? below : above
  return (value - median) / (scale || below || above || Math.abs(value - median))
}

function commonest(values: readonly number[]): { value: number; share: number } | undefined {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  let most: [value: number, count: number] | undefined
  for (const entry of counts) if (most === undefined || entry[1] > most[1]) most = entry
  return most && { value: most[0], share: most[1] / values.length }
}
