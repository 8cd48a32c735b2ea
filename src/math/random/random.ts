// Seeded random numbers, the same on every machine; not for anything secret. Three generators, one a file, because a
// seed must go on giving the numbers that it gave: the data set, splits and order of crystals (xoshiro.ts), initial weights
// (sfc32.ts) and the golden crystals in model files (congruential.ts). New uses take xoshiro.ts.

/** Reproducible random numbers. Every method advances the same stream. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number
  /** Uniform in [low, high). */
  between(low: number, high: number): number
  /** Uniform integer in 0 … count − 1; `count` is at most 2³². */
  integer(count: number): number
  /** Standard normal: mean 0, variance 1. */
  normal(): number
  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T
  /** Shuffles in place (Fisher–Yates) and returns the same array. */
  shuffle<T>(list: T[]): T[]
}

/** All draws from a source of uniform numbers. */
export function drawsFrom(uniform: () => number, normal = polarNormal(uniform)): Random {
  return {
    uniform,
    normal,
    between: (low, high) => low + (high - low) * uniform(),
    integer: (count) => Math.floor(uniform() * count),
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

/** The polar method of Marsaglia: both of a pair, one after the other. */
function polarNormal(uniform: () => number): () => number {
  let spare: number | undefined
  return () => {
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
  }
}
