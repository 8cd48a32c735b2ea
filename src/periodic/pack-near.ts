// The near images of a batch as a rectangular array.

import { longestRow } from './measures.ts'
import type { NearImages } from './near-images.ts'
import { imagePlaces } from './pack-images.ts'
import type { Runs } from './runs.ts'
import type { SlotShape } from './slots.ts'
import type { BatchTensor, NeighbourTable } from './types.ts'

/**
 * Tensor near of all tables one after another. An atom with fewer images than others repeats its first, which changes no
 * choice; one without any has its first place.
 */
export function packNear(
  tables: readonly NeighbourTable[],
  runs: readonly Runs[],
  lists: readonly NearImages[],
  shape: SlotShape,
): BatchTensor {
  const places = shape.slots * shape.imagesPerSlot
  const atoms = tables.reduce((sum, table) => sum + table.atoms, 0)
  const most = lists.reduce((most, { offsets }) => Math.max(most, longestRow(offsets)), 1)
  const near = new Int32Array(atoms * most)
  let first = 0
  tables.forEach((table, t) => {
    const { offsets, image } = lists[t]
    const placeOf = imagePlaces(table, runs[t], shape)
    for (let i = 0; i < table.atoms; i++) {
      const row = near.subarray((first + i) * most, (first + i + 1) * most)
      const own = image.subarray(offsets[i], offsets[i + 1])
      row.fill(own.length > 0 ? placeOf[own[0]] : i * places)
      own.forEach((n, at) => {
        row[at] = placeOf[n]
      })
      for (let at = 0; at < most; at++) row[at] += first * places
    }
    first += table.atoms
  })
  return { data: near, dims: [atoms, most] }
}
