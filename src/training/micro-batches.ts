// How the crystals of an optimiser step are divided: into micro-batches that fit into memory, one after the other, and a
// micro-batch into shares for threads that work at the same time. Sums over parts do not depend on where they were cut.

import { groupByAtoms } from '../periodic/group.ts'

/** What is computed at once, at most. */
export interface MicroBatchLimits {
  readonly crystals: number
  /** A crystal of more atoms is a micro-batch of its own. */
  readonly atoms: number
}

/** Indices of crystals by micro-batch, in the given order. @param sizes atoms of each crystal */
export function microBatchesOf(sizes: readonly number[], limits: MicroBatchLimits): number[][] {
  return groupByAtoms(sizes, limits.atoms).flatMap((group) => {
    const count = Math.ceil(group.length / limits.crystals)
    return Array.from({ length: count }, (_, n) =>
      group.slice(n * limits.crystals, (n + 1) * limits.crystals),
    )
  })
}

/** The same with crystals together that are padded alike; in the given order where nothing is padded. */
export function alikeMicroBatchesOf(
  crystals: readonly { readonly atoms: number; readonly mostImages: number }[],
  limits: MicroBatchLimits,
): number[][] {
  const order = crystals.map((_, index) => index)
  order.sort((a, b) => crystals[a].mostImages - crystals[b].mostImages || a - b)
  const groups = microBatchesOf(
    order.map((index) => crystals[index].atoms),
    limits,
  )
  return groups.map((group) => group.map((place) => order[place]))
}

/**
 * Indices of crystals by thread, with about as many atoms each: the largest crystals first, each to the thread that has
 * least. The same for the same sizes. Threads without a crystal have an empty list.
 */
export function sharesOf(sizes: readonly number[], threads: number): number[][] {
  const shares = Array.from({ length: threads }, () => ({ indices: [] as number[], atoms: 0 }))
  const largestFirst = sizes.map((_, index) => index).sort((a, b) => sizes[b] - sizes[a] || a - b)
  for (const index of largestFirst) {
    const least = shares.reduce((best, share) => (share.atoms < best.atoms ? share : best))
    least.indices.push(index)
    least.atoms += sizes[index]
  }
  return shares.map(({ indices }) => indices.sort((a, b) => a - b))
}
