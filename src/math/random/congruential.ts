// Random numbers by a linear congruential generator in exact integer arithmetic (Numerical Recipes), for golden crystals.

import { drawsFrom, type Random } from './random.ts'

/** A generator for one seed; uniform numbers have 32 bits, of which the last ones are hardly random. */
export function congruential(seed: number): Random {
  let state = (seed * 7919 + 12345) >>> 0
  return drawsFrom(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  })
}
