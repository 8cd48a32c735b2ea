// Values of the command line that several commands parse alike. What is out of its limits is wrong usage, and said before
// anything is read.

import { InvalidArgumentError } from 'commander'

/** What numbers of options may be, least and most. */
export const LIMITS = {
  accumulate: [1, 4096],
  batchSize: [1, 1_000_000],
  /** kept in memory */
  best: [1, 10_000],
  /** made at once */
  crystals: [1, 10_000_000],
  /** Å; within less there is no neighbour */
  cutoff: [2, 100],
  ensemble: [1, 100],
  epochs: [1, 1_000_000],
  errorBound: [1e-12, 0.1],
  folds: [2, 100],
  learningRate: [1e-12, 1e6],
  leftOut: [0, 0.3],
  opset: [17, 21],
  seed: [0, 0xffffffff],
  share: [0, 1],
  swaEpochs: [0, 1_000_000],
  threads: [1, 256],
} as const satisfies Record<string, readonly [low: number, high: number]>

/** A whole number within limits. */
export function whole([low, high]: readonly [number, number]) {
  return (text: string): number => {
    const value = finiteNumber(text)
    if (Number.isInteger(value) && value >= low && value <= high) return value
    throw new InvalidArgumentError(`expected a whole number from ${low} to ${high}.`)
  }
}

/** A number within limits. */
export function within([low, high]: readonly [number, number]) {
  return (text: string): number => {
    const value = finiteNumber(text)
    if (value >= low && value <= high) return value
    throw new InvalidArgumentError(`expected a number from ${low} to ${high}.`)
  }
}

export function positiveInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('expected a whole number from 1.')
  return value
}

export function wholeNumber(text: string): number {
  const value = finiteNumber(text)
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('expected a whole number from 0.')
  return value
}

export function positiveNumber(text: string): number {
  const value = finiteNumber(text)
  if (!(value > 0)) throw new InvalidArgumentError('expected a positive number.')
  return value
}

export function finiteNumber(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number.')
  return value
}
