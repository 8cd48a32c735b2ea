// The images of a batch as rectangular arrays: S slots by M images for every atom. Float64 displacements become float32
// here. How S and M are chosen is in slots.ts.

import { type Runs, type SlotShape, slotShape } from './slots.ts'
import type { BatchTensor, NeighbourTable } from './types.ts'

export interface PackedImages extends SlotShape {
  readonly tensors: Readonly<Record<string, BatchTensor>>
}

/** Tensors neighbour, translation, image_mask and, for adaptive boxes, image_reach of all tables one after another. */
export function packImages(tables: readonly NeighbourTable[], runs: readonly Runs[]): PackedImages {
  const shape = slotShape(runs)
  const { slots, imagesPerSlot } = shape
  const atoms = tables.reduce((sum, table) => sum + table.atoms, 0)
  const dims = [atoms, imagesPerSlot, slots]
  const size = atoms * imagesPerSlot * slots
  const neighbour = new Int32Array(atoms * slots)
  const translation = new Float32Array(3 * size)
  const mask = new Float32Array(size)
  const reach = tables[0].reach && new Float32Array(size)
  let first = 0
  tables.forEach((table, t) => {
    placeImages(table, runs[t], first, shape, { neighbour, translation, mask })
    if (reach) placeReach(table, runs[t], first, shape, reach)
    first += table.atoms
  })
  return {
    ...shape,
    tensors: {
      neighbour: { data: neighbour, dims: [atoms, slots] },
      translation: { data: translation, dims: [...dims, 3] },
      image_mask: { data: mask, dims },
      ...(reach && { image_reach: { data: reach, dims } }),
    },
  }
}

/**
 * Image f of a run of n slots goes to slot f mod n, row ⌊f / n⌋, so that the images of a pair keep their scan order along
 * the flattened axis [M, S]: ties between images of an atom with itself decide the handedness of frames.
 * The slots that are left over point at the row's own atom.
 */
function placeImages(
  table: NeighbourTable,
  { offsets, start }: Runs,
  first: number,
  { slots, imagesPerSlot }: SlotShape,
  out: { neighbour: Int32Array; translation: Float32Array; mask: Float32Array },
): void {
  const { displacement } = table
  const { neighbour, translation, mask } = out
  for (let i = 0; i < table.atoms; i++) {
    const corner = (first + i) * imagesPerSlot * slots
    const firstSlot = (first + i) * slots
    let slot = 0
    for (let run = offsets[i]; run < offsets[i + 1]; run++) {
      const end = start[run + 1]
      const j = first + table.neighbour[start[run]]
      let row = corner + slot
      let width = 0
      for (let left = end - start[run]; left > 0; left -= imagesPerSlot) {
        neighbour[firstSlot + slot++] = j
        width++
      }
      let column = 0
      for (let from = start[run]; from < end; from++) {
        const to = row + column
        mask[to] = 1
        translation[3 * to] = displacement[3 * from]
        translation[3 * to + 1] = displacement[3 * from + 1]
        translation[3 * to + 2] = displacement[3 * from + 2]
        if (++column === width) {
          column = 0
          row += slots
        }
      }
    }
    while (slot < slots) neighbour[firstSlot + slot++] = first + i
  }
}

/** image_reach [A, M, S], in the places of the images. */
function placeReach(
  table: NeighbourTable,
  { offsets, start }: Runs,
  first: number,
  { slots, imagesPerSlot }: SlotShape,
  reach: Float32Array,
): void {
  for (let i = 0; i < table.atoms; i++) {
    let corner = (first + i) * imagesPerSlot * slots
    for (let run = offsets[i]; run < offsets[i + 1]; run++) {
      const count = start[run + 1] - start[run]
      const width = Math.ceil(count / imagesPerSlot)
      for (let f = 0; f < count; f++) {
        reach[corner + Math.floor(f / width) * slots + (f % width)] = table.reach![start[run] + f]
      }
      corner += width
    }
  }
}
