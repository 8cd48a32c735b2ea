// A seeded generator of uniform and normal numbers: the same seed gives the same weights on every machine.
// Not for anything secret.

/** Uniform numbers in [0, 1) with 32 random bits, by the sfc32 recurrence. */
export function uniformSource(seed: number): () => number {
  let a = seed >>> 0
  let b = Math.floor(seed / 2 ** 32) >>> 0
  let c = 0x9e3779b9
  let counter = 1
  const next = () => {
    const t = (a + b + counter++) >>> 0
    a = (b ^ (b >>> 9)) >>> 0
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + t) >>> 0
    return t / 2 ** 32
  }
  // nearby seeds start out correlated; a few rounds mix them
  for (let round = 0; round < 16; round++) next()
  return next
}

/** Standard normal numbers from a uniform source (Box and Muller, one of the pair). */
export function normalSource(uniform: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}
