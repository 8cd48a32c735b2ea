// Random numbers by xoshiro128** (Blackman & Vigna, ACM Trans. Math. Softw. 47, 36, 2021), with streams.

import { scramble } from '../hash.ts'
import { drawsFrom, type Random } from './random.ts'

/**
 * A generator for one seed and stream; uniform numbers have all 53 bits of a double. Streams of one seed are independent:
 * `random(seed, epoch)` gives each epoch its own order, and a resumed run finds the same one without having stored any
 * state. The state is filled by a splitmix sequence.
 */
export function random(seed: number, stream = 0): Random {
  let counter = scramble(scramble(seed >>> 0) ^ (stream >>> 0))
  const next = xoshiro128(
    Uint32Array.from({ length: 4 }, () => scramble((counter = (counter + 0x9e3779b9) >>> 0))),
  )
  return drawsFrom(() => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 2 ** 53)
}

/** The bare xoshiro128** sequence of unsigned 32-bit integers; `state` (four words, not all 0) is advanced in place. */
export function xoshiro128(state: Uint32Array): () => number {
  return () => {
    const result = Math.imul(rotate(Math.imul(state[1], 5), 7), 9) >>> 0
    const shifted = state[1] << 9
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = rotate(state[3], 11)
    return result
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}
