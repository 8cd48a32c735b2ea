// The images of a batch as rectangular arrays: S slots by M images for every atom. Float64 displacements become float32
// here, if asked. How S and M are chosen is in slots.ts.

import type { Runs } from './runs.ts'
import { type SlotShape, slotShape } from './slots.ts'
import type { FloatArray, FloatArrays, Tensors, TensorsOf } from './tensors.ts'
import type { NeighbourTable } from './types.ts'

/** The images of a crystal, and their runs. */
export interface ImageTables {
  readonly images: NeighbourTable
  readonly runs: Runs
}

export interface PackedImages<F extends FloatArray> extends SlotShape {
  readonly tensors: Tensors<F, TensorsOf<'images'>> & Partial<Tensors<F, TensorsOf<'reach'>>>
}

/** The images of all tables one after another. */
export function packImages<F extends FloatArray>(
  crystals: readonly ImageTables[],
  Floats: FloatArrays<F>,
): PackedImages<F> {
  const shape = slotShape(crystals.map(({ runs }) => runs))
  const { slots, imagesPerSlot } = shape
  const atoms = crystals.reduce((sum, { images }) => sum + images.atoms, 0)
  const sources = crystals.reduce((sum, { images }) => sum + sourcesOf(images), 0)
  const dims = [atoms, imagesPerSlot, slots]
  const size = atoms * imagesPerSlot * slots
  const pair = new Int32Array(atoms * slots)
  const start = rowsOf(atoms, sources, slots)
  const end = start.slice()
  const translation = new Floats(3 * size)
  const mask = new Floats(size)
  const reach = crystals[0].images.reach && new Floats(size)
  let first = 0
  let firstSource = 0
  for (const crystal of crystals) {
    placeImages(crystal, { first, firstSource }, shape, { sources, pair, start, end, translation, mask })
    if (reach) placeReach(crystal, first, shape, reach)
    first += crystal.images.atoms
    firstSource += sourcesOf(crystal.images)
  }
  return {
    ...shape,
    tensors: {
      pair: { data: pair, dims: [atoms, slots] },
      pair_start: { data: start, dims: [atoms, sources] },
      pair_end: { data: end, dims: [atoms, sources] },
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
  { images: table, runs: { offsets, start } }: ImageTables,
  { first, firstSource }: { readonly first: number; readonly firstSource: number },
  { slots, imagesPerSlot }: SlotShape,
  out: {
    readonly sources: number
    readonly pair: Int32Array
    readonly start: Int32Array
    readonly end: Int32Array
    readonly translation: FloatArray
    readonly mask: FloatArray
  },
): void {
  const { displacement } = table
  const { sources, pair, translation, mask } = out
  for (let i = 0; i < table.atoms; i++) {
    const corner = (first + i) * imagesPerSlot * slots
    const firstSlot = (first + i) * slots
    const firstPair = (first + i) * sources + firstSource
    const firstSum = (first + i) * (slots + 1)
    let slot = 0
    for (let run = offsets[i]; run < offsets[i + 1]; run++) {
      const end = start[run + 1]
      const ij = firstPair + table.neighbour[start[run]]
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
    while (slot < slots) pair[firstSlot + slot++] = firstPair + i
  }
}

/** Atoms that images can be of. */
function sourcesOf({ atoms, sources = atoms }: NeighbourTable): number {
  return sources
}

/** [A, sources] of i·(S + 1): where pairs without a slot start and end. */
function rowsOf(atoms: number, sources: number, slots: number): Int32Array {
  const rows = new Int32Array(atoms * sources)
  for (let i = 0; i < atoms; i++) rows.fill(i * (slots + 1), i * sources, (i + 1) * sources)
  return rows
}

/**
 * Where the images of a crystal lie in the batch that `packBatch` makes of it alone: [images] places along the axis
 * [A · M · S], the same that outputs of a graph have their images in.
 */
export function imagePlaces(
  { images: { atoms, neighbour }, runs: { offsets, start } }: ImageTables,
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
function placeReach(crystal: ImageTables, first: number, shape: SlotShape, reach: FloatArray): void {
  const corner = first * shape.imagesPerSlot * shape.slots
  imagePlaces(crystal, shape).forEach((place, image) => {
    reach[corner + place] = crystal.images.reach![image]
  })
}
