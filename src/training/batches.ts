// Which crystals make up each batch of an epoch: shuffled, by count, with a bound on atoms.

import { random } from '../data/random.ts'

/**
 * Indices of the crystals of each batch of an epoch. The order depends on seed and epoch alone. A batch is closed when
 * it holds `batchSize` crystals or when one more would exceed `maxAtoms`. A last batch that is neither is dropped, so
 * that every step averages over as many crystals, unless it is the only one.
 * @param sizes atoms of each crystal
 */
export function epochBatches(
  sizes: readonly number[],
  batchSize: number,
  maxAtoms: number,
  seed: number,
  epoch: number,
): number[][] {
  const order = random(seed, epoch).shuffle(sizes.map((_, index) => index))
  const batches: number[][] = []
  let batch: number[] = []
  let atoms = 0
  for (const index of order) {
    if (batch.length > 0 && atoms + sizes[index] > maxAtoms) close()
    batch.push(index)
    atoms += sizes[index]
    if (batch.length === batchSize) close()
  }
  if (batches.length === 0) close()
  return batches

  function close() {
    batches.push(batch)
    batch = []
    atoms = 0
  }
}
