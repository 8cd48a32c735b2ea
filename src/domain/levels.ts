// The levels that intervals are given at, and quantiles of what was measured at each of them.

/** Per cent of crystals, from the first to the last, one by one. */
export const [LOWEST, HIGHEST] = [50, 95] as const
/** The level of an interval when nobody asks for another one. */
export const DEFAULT_LEVEL = 0.9

/**
 * For each level the value that as large a share of further crystals do not exceed: the ⌈(n + 1)·level⌉-th of n values.
 * Levels that so few values cannot vouch for are missing at the end. Vovk et al. 2005; Lei et al. 2018, algorithm 2.
 */
export function conformalQuantiles(values: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort()
  const quantiles: number[] = []
  for (let percent = LOWEST; percent <= HIGHEST; percent++) {
    // In whole numbers: 0.9 · 10 is not 9 in binary fractions.
    const rank = Math.ceil(((sorted.length + 1) * percent) / 100)
    if (rank > sorted.length) break
    quantiles.push(sorted[rank - 1])
  }
  return quantiles
}

/** Between the two nearest levels in proportion; undefined where there is none above. */
export function quantileAt(quantiles: readonly number[], level: number): number | undefined {
  const place = level * 100 - LOWEST
  const below = Math.floor(place + 1e-9)
  const share = Math.max(0, place - below)
  if (share < 1e-9) return quantiles[below]
  const [a, b] = [quantiles[below], quantiles[below + 1]]
  return b === undefined ? undefined : a + share * (b - a)
}

/** The value below which a share of the sorted values lies; for a description, not for a promise. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}
