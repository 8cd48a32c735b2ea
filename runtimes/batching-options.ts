// How a queue gathers calls (batching.ts), checked before anything is loaded for it.

import { ConfigError } from '../src/errors.ts'

/** How the calls of many callers are gathered. */
export interface Batching {
  /** Milliseconds that a call waits for others at most while a core is free; 2 by default. */
  readonly waitMs?: number
  /** Atoms that are given to a core at a time, at most; by default four runs of what the card of the model says. */
  readonly maxAtoms?: number
  /** Periodic images that are given to a core at a time, at most, as expected from the density; by default not looked at. */
  readonly maxImages?: number
  /** Crystals that may wait: calls beyond are refused with OverloadError. By default there is no bound. */
  readonly maxWaiting?: number
  /** Told of every run when it is answered. */
  readonly onRun?: (run: Run) => void
}

/** Crystals that were given to a core together. */
export interface Run {
  readonly crystals: number
  readonly atoms: number
  /** As expected from the density; 0 for networks without images. */
  readonly images: number
  /** Milliseconds that the oldest call of it had waited. */
  readonly waitedMs: number
  /** Milliseconds until it was answered. */
  readonly ms: number
  /** Crystals that wait for another run. */
  readonly waiting: number
}

/** @throws ConfigError for a number that is none or below what makes sense */
export function checkBatching(options: Batching): void {
  const least = { waitMs: 0, maxAtoms: 1, maxImages: 1, maxWaiting: 1 }
  const { onRun, ...numbers } = options
  for (const [name, value] of Object.entries(numbers)) {
    if (!Object.hasOwn(least, name)) throw new ConfigError(`batching has no option "${name}"`)
    const from = least[name as keyof typeof least]
    if (value !== undefined && !(value >= from)) {
      throw new ConfigError(`batching.${name} ${value}: expected a number from ${from}`)
    }
  }
}
