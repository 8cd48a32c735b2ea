// Random numbers by the sfc32 recurrence (C. Doty-Humphrey, PractRand), for initial weights.

import { drawsFrom, type Random } from './random.ts'

/** A generator for one seed; uniform numbers have 32 random bits. */
export function sfc32(seed: number): Random {
  let a = seed >>> 0
  let b = Math.floor(seed / 2 ** 32) >>> 0
  let c = 0x9e3779b9
  let counter = 1
  const uniform = () => {
    const t = (a + b + counter++) >>> 0
    a = (b ^ (b >>> 9)) >>> 0
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + t) >>> 0
    return t / 2 ** 32
  }
  // nearby seeds start out correlated; a few rounds mix them
  for (let round = 0; round < 16; round++) uniform()
  // Box and Muller, one of the pair.
  return drawsFrom(uniform, () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()))
}
