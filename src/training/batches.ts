// Which crystals make up each optimiser step of an epoch: shuffled, by count.

import { random } from '../math/random/xoshiro.ts'

/**
 * Indices of the crystals of each batch of an epoch, out of `count`. The order depends on seed and epoch alone. A last
 * batch of less than `batchSize` is dropped, so that every step averages over as many crystals, unless it is the only
 * one.
 */
export function epochBatches(count: number, batchSize: number, seed: number, epoch: number): number[][] {
  const order = random(seed, epoch).shuffle(Array.from({ length: count }, (_, index) => index))
  if (count < batchSize) return [order]
  return Array.from({ length: Math.floor(count / batchSize) }, (_, n) =>
    order.slice(n * batchSize, (n + 1) * batchSize),
  )
}
