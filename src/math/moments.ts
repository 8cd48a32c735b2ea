// Mean and standard deviation that neither overflow nor underflow, whatever the size of the values.

export interface Moments {
  readonly mean: number
  /** Population standard deviation: divided by n, not n − 1. */
  readonly std: number
}

/** Of at least one value. */
export function momentsOf(values: readonly number[]): Moments {
  const largest = values.reduce((most, y) => Math.max(most, Math.abs(y)), 0)
  // A power of two loses no digit.
  const unit = largest === 0 ? 1 : 2 ** Math.min(1023, Math.max(-1022, Math.floor(Math.log2(largest))))
  let mean = 0
  for (const y of values) mean += y / unit / values.length
  let variance = 0
  for (const y of values) variance += (y / unit - mean) ** 2 / values.length
  return { mean: mean * unit, std: Math.sqrt(variance) * unit }
}

/** Standard deviation that a sample says its source has: over one less than its size; 0 of a single value. */
export function sampleDeviation(values: readonly number[]): number {
  return momentsOf(values).std * Math.sqrt(values.length / Math.max(1, values.length - 1))
}
