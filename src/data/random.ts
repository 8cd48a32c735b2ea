// A small seeded random generator, so that a data set, a split or a shuffle is the same on every machine.
// Not for cryptography, and not tied to tfjs: weights are initialised by models/.

/** Reproducible random numbers. Every method advances the same stream. */
export interface Random {
  /** Uniform in [0, 1), with all 53 bits of a double. */
  uniform(): number
  /** Uniform in [low, high). */
  between(low: number, high: number): number
  /** Uniform integer in 0 … count − 1; `count` is at most 2³². */
  integer(count: number): number
  /** Standard normal: mean 0, variance 1 (polar method of Marsaglia). */
  normal(): number
  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T
  /** Shuffles in place (Fisher–Yates) and returns the same array. */
  shuffle<T>(list: T[]): T[]
}

/**
 * A generator for one seed and stream. Streams of one seed are independent: `random(seed, epoch)` gives each epoch
 * its own order, and a resumed run finds the same one without having stored any state.
 * xoshiro128** (Blackman & Vigna, ACM Trans. Math. Softw. 47, 36, 2021), its state filled by a splitmix sequence.
 */
export function random(seed: number, stream = 0): Random {
  let counter = scramble(scramble(seed >>> 0) ^ (stream >>> 0))
  const next = xoshiro128(
    Uint32Array.from({ length: 4 }, () => scramble((counter = (counter + 0x9e3779b9) >>> 0))),
  )
  const uniform = () => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 2 ** 53
  let spare: number | undefined

  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    integer: (count) => Math.floor(uniform() * count),
    normal() {
      if (spare !== undefined) {
        const value = spare
        spare = undefined
        return value
      }
      for (;;) {
        const x = 2 * uniform() - 1
        const y = 2 * uniform() - 1
        const r2 = x * x + y * y
        if (r2 >= 1 || r2 === 0) continue
        const factor = Math.sqrt((-2 * Math.log(r2)) / r2)
        spare = y * factor
        return x * factor
      }
    },
    pick: (list) => list[Math.floor(uniform() * list.length)],
    shuffle(list) {
      for (let i = list.length - 1; i > 0; i--) {
        const j = Math.floor(uniform() * (i + 1))
        ;[list[i], list[j]] = [list[j], list[i]]
      }
      return list
    },
  }
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

/**
 * A 32-bit hash of a text under a seed: FNV-1a over its UTF-16 units, then an avalanche step, so that ids that
 * differ in the last digit only still spread over the whole range.
 */
export function hashText(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ scramble(seed >>> 0)) >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return scramble(hash)
}

/** Items in an order that is drawn by `seed` from their keys alone, whatever order they came in. */
export function orderedByHash<T>(items: readonly T[], keyOf: (item: T) => string, seed: number): T[] {
  return items
    .map((item) => ({ item, key: keyOf(item), hash: hashText(keyOf(item), seed) }))
    .sort((a, b) => a.hash - b.hash || (a.key < b.key ? -1 : 1))
    .map(({ item }) => item)
}

/** A bijection of 32-bit integers in which every input bit reaches every output bit (the finaliser of MurmurHash3). */
function scramble(word: number): number {
  let x = word | 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}
