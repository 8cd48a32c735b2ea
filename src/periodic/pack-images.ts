// The images of a batch as rectangular arrays: S slots by M images for every atom. Float64 displacements become float32
// here, if asked. How S and M are chosen is in slots.ts.

import type { Runs } from './runs.ts'
import { type SlotShape, slotShape } from './slots.ts'
import type { BatchTensor, FloatArray, FloatArrays, NeighbourTable } from './types.ts'

export interface PackedImages extends SlotShape {
  readonly tensors: Readonly<Record<string, BatchTensor<FloatArray>>>
}

/** Tensors pair, pair_start, pair_end, translation, image_mask and, for adaptive boxes, image_reach of all tables one after another. */
export function packImages(
  tables: readonly NeighbourTable[],
  runs: readonly Runs[],
  Floats: FloatArrays<FloatArray>,
): PackedImages {
  const shape = slotShape(runs)
  const { slots, imagesPerSlot } = shape
  const atoms = tables.reduce((sum, table) => sum + table.atoms, 0)
  const dims = [atoms, imagesPerSlot, slots]
  const size = atoms * imagesPerSlot * slots
  const pair = new Int32Array(atoms * slots)
  const start = rowsOf(atoms, slots)
  const end = start.slice()
  const translation = new Floats(3 * size)
  const mask = new Floats(size)
  const reach = tables[0].reach && new Floats(size)
  let first = 0
  tables.forEach((table, t) => {
    placeImages(table, runs[t], first, shape, { atoms, pair, start, end, translation, mask })
    if (reach) placeReach(table, runs[t], first, shape, reach)
    first += table.atoms
  })
  return {
    ...shape,
    tensors: {
      pair: { data: pair, dims: [atoms, slots] },
      pair_start: { data: start, dims: [atoms, atoms] },
      pair_end: { data: end, dims: [atoms, atoms] },
      translation: { data: translation, dims: [...dims, 3] },
      image_mask: { data: mask, dims },
      ...(reach && { image_reach: { data: reach, dims } }),
    },
  }
}

/**
 * Image f of a run of n slots goes to slot f mod n, row ⌊f / n⌋, so that the images of a pair keep their scan order along
 * the flattened axis [M, S]: ties between images of an atom with itself decide the handedness of frames.
 * The slots that are left over belong to the pair of the atom with itself.
 */
function placeImages(
  table: NeighbourTable,
  { offsets, start }: Runs,
  first: number,
  { slots, imagesPerSlot }: SlotShape,
  out: {
    readonly atoms: number
    readonly pair: Int32Array
    readonly start: Int32Array
    readonly end: Int32Array
    readonly translation: FloatArray
    readonly mask: FloatArray
  },
): void {
  const { displacement } = table
  const { atoms, pair, translation, mask } = out
  for (let i = 0; i < table.atoms; i++) {
    const corner = (first + i) * imagesPerSlot * slots
    const firstSlot = (first + i) * slots
    const firstPair = (first + i) * atoms
    const firstSum = (first + i) * (slots + 1)
    let slot = 0
    for (let run = offsets[i]; run < offsets[i + 1]; run++) {
      const end = start[run + 1]
      const ij = firstPair + first + table.neighbour[start[run]]
      out.start[ij] = firstSum + slot
      let row = corner + slot
      let width = 0
      for (let left = end - start[run]; left > 0; left -= imagesPerSlot) {
        pair[firstSlot + slot++] = ij
        width++
      }
      out.end[ij] = firstSum + slot
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
    while (slot < slots) pair[firstSlot + slot++] = firstPair + first + i
  }
}

/** [A, A] of i·(S + 1): where pairs without a slot start and end. */
function rowsOf(atoms: number, slots: number): Int32Array {
  const rows = new Int32Array(atoms * atoms)
  for (let i = 0; i < atoms; i++) rows.fill(i * (slots + 1), i * atoms, (i + 1) * atoms)
  return rows
}

/**
 * Where the images of a crystal lie in the batch that `packBatch` makes of it alone: [images] places along the axis
 * [A · M · S], the same that outputs of a graph have their images in.
 */
export function imagePlaces(
  { atoms, neighbour }: NeighbourTable,
  { offsets, start }: Runs,
  { slots, imagesPerSlot }: SlotShape,
): Int32Array {
  const places = new Int32Array(neighbour.length)
  for (let i = 0; i < atoms; i++) {
    let corner = i * imagesPerSlot * slots
    for (let run = offsets[i]; run < offsets[i + 1]; run++) {
      const count = start[run + 1] - start[run]
      const width = Math.ceil(count / imagesPerSlot)
      for (let f = 0; f < count; f++) {
        places[start[run] + f] = corner + Math.floor(f / width) * slots + (f % width)
      }
      corner += width
    }
  }
  return places
}

/** image_reach [A, M, S], in the places of the images. */
function placeReach(
  table: NeighbourTable,
  runs: Runs,
  first: number,
  shape: SlotShape,
  reach: FloatArray,
): void {
  const corner = first * shape.imagesPerSlot * shape.slots
  imagePlaces(table, runs, shape).forEach((place, image) => {
    reach[corner + place] = table.reach![image]
  })
}
