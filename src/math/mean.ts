// The mean.

/** Of some values; NaN for none. */
export function mean(values: Iterable<number> & { readonly length: number }): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}
