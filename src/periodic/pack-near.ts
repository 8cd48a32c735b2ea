// The near images of a batch as a rectangular array.

import { longestRow } from './measures.ts'
import type { NearImages } from './near-images.ts'
import { type ImageTables, imagePlaces } from './pack-images.ts'
import type { SlotShape } from './slots.ts'

/**
 * Tensor near of all crystals one after another. An atom with fewer images than others repeats its first, which changes no
 * choice; one without any has its first place.
 */
export function packNear(
  crystals: readonly ImageTables[],
  lists: readonly NearImages[],
  shape: SlotShape,
): { readonly data: Int32Array; readonly dims: readonly number[] } {
  const places = shape.slots * shape.imagesPerSlot
  const atoms = crystals.reduce((sum, { images }) => sum + images.atoms, 0)
  const most = lists.reduce((most, { offsets }) => Math.max(most, longestRow(offsets)), 1)
  const near = new Int32Array(atoms * most)
  let first = 0
  crystals.forEach((crystal, c) => {
    const { offsets, image } = lists[c]
    const placeOf = imagePlaces(crystal, shape)
    for (let i = 0; i < crystal.images.atoms; i++) {
      const row = near.subarray((first + i) * most, (first + i + 1) * most)
      const own = image.subarray(offsets[i], offsets[i + 1])
      row.fill(own.length > 0 ? placeOf[own[0]] : i * places)
      own.forEach((n, at) => {
        row[at] = placeOf[n]
      })
      for (let at = 0; at < most; at++) row[at] += first * places
    }
    first += crystal.images.atoms
  })
  return { data: near, dims: [atoms, most] }
}
