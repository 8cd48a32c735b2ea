// A crystal as flat rows of several lengths, one after another without padding: what a host sends of it where somebody else
// puts the batch together, and a graph makes the tensors of tensors.ts of them (exporters/triton/ragged.ts).

import { joinedAs } from '../math/joined.ts'
import type { TableCrystal } from './prepare.ts'
import type { BatchTensor } from './tensors.ts'

/**
 * Images a slot, on which host and graph agree. Measured on both mixes of the benchmark against tables of the best shape: 0.9 to
 * 1.3 times their time with 1 or 2, more with more (docs/decisions/022-ragged-batches.md).
 */
export const IMAGES_PER_SLOT = 2

/**
 * The flat tensors, a row each: one element an atom, species, slot, or image that frames can be chosen from. A slot holds
 * images of one neighbour, as in tensors.ts.
 */
export const RAGGED_TENSORS = {
  /** species on every atom */
  species_per_atom: { dtype: 'int32', of: 'atoms', part: 'sites' },
  /** row of the model's element table */
  species: { dtype: 'int32', of: 'species', part: 'sites' },
  /** occupancy of that species */
  occupancy: { dtype: 'float32', of: 'species', part: 'sites' },
  /** share of the atom in the mean over its crystal */
  share: { dtype: 'float32', of: 'atoms', part: 'sites' },
  /** slots of every atom */
  slots_per_atom: { dtype: 'int32', of: 'atoms', part: 'images' },
  /** the atom of the same crystal whose images the slot holds */
  neighbour: { dtype: 'int32', of: 'slots', part: 'images' },
  /** images that the slot holds */
  images_per_slot: { dtype: 'int32', of: 'slots', part: 'images' },
  /** p_j + n·L − p_i in Å, M images a slot with three coordinates each; 0 for images that it does not hold */
  translation: { dtype: 'float32', of: 'coordinates', part: 'images' },
  /** images of every atom that its frame can be chosen from */
  near_per_atom: { dtype: 'int32', of: 'atoms', part: 'near' },
  /** their places: slot of the atom · M + image of the slot */
  near: { dtype: 'int32', of: 'near', part: 'near' },
} as const

export type RaggedName = keyof typeof RAGGED_TENSORS
export type RaggedTensors = Readonly<Partial<Record<RaggedName, BatchTensor>>>

/** @param imagesPerSlot M, the same for all crystals of a batch */
export function raggedTensors(crystal: TableCrystal, imagesPerSlot: number): RaggedTensors {
  const { occupants, shares } = crystal
  const slots = slotsOf(crystal, imagesPerSlot)
  const species = present(crystal)
  return {
    species_per_atom: flat(Int32Array.from(species.perAtom)),
    species: flat(Int32Array.from(species.at, (at) => crystal.species[at])),
    occupancy: flat(Float32Array.from(species.at, (at) => crystal.occupancy[at])),
    share: flat(Float32Array.from(shares)),
    slots_per_atom: flat(slots.perAtom),
    neighbour: flat(slots.neighbour),
    images_per_slot: flat(slots.images),
    translation: flat(slots.translation),
    ...(crystal.near && nearPlaces(crystal.near, slots.place)),
  }

  /** Species that are there; a site without any has the first one, with no share. */
  function present({ atoms, occupancy }: TableCrystal) {
    const perAtom: number[] = []
    const at: number[] = []
    for (let i = 0; i < atoms; i++) {
      const own = Array.from({ length: occupants }, (_, e) => i * occupants + e).filter(
        (place, e) => e === 0 || occupancy[place] > 0,
      )
      perAtom.push(own.length)
      at.push(...own)
    }
    return { perAtom, at }
  }
}

/** Image f of a run of n slots goes to slot f mod n, place ⌊f / n⌋: the order of pack-images.ts. */
function slotsOf({ images, runs: { offsets, start } }: TableCrystal, M: number) {
  const perAtom = new Int32Array(images.atoms)
  const widths = new Int32Array(Math.max(0, start.length - 1))
  for (let i = 0; i < images.atoms; i++) {
    for (let run = offsets[i]; run < offsets[i + 1]; run++) {
      widths[run] = Math.ceil((start[run + 1] - start[run]) / M)
      perAtom[i] += widths[run]
    }
  }
  const count = perAtom.reduce((sum, slots) => sum + slots, 0)
  const neighbour = new Int32Array(count)
  const held = new Int32Array(count)
  const translation = new Float32Array(3 * M * count)
  /** [images] slot of the atom · M + place in the slot */
  const place = new Int32Array(images.neighbour.length)
  let slot = 0
  for (let i = 0; i < images.atoms; i++) {
    const first = slot
    for (let run = offsets[i]; run < offsets[i + 1]; run++) {
      neighbour.fill(images.neighbour[start[run]], slot, slot + widths[run])
      for (let image = start[run]; image < start[run + 1]; image++) {
        const f = image - start[run]
        const own = slot + (f % widths[run])
        const at = own * M + Math.floor(f / widths[run])
        held[own]++
        place[image] = at - first * M
        translation.set(images.displacement.subarray(3 * image, 3 * image + 3), 3 * at)
      }
      slot += widths[run]
    }
  }
  return { perAtom, neighbour, images: held, translation, place }
}

function nearPlaces({ offsets, image }: NonNullable<TableCrystal['near']>, place: Int32Array) {
  return {
    near_per_atom: flat(Int32Array.from(offsets.subarray(1), (end, i) => end - offsets[i])),
    near: flat(Int32Array.from(image, (n) => place[n])),
  }
}

function flat(data: Int32Array | Float32Array): BatchTensor {
  return { data, dims: [data.length] }
}

/** A batch: the tensors of its crystals one after another. */
export function joinRagged(crystals: readonly RaggedTensors[]): RaggedTensors {
  const names = Object.keys(crystals[0]) as RaggedName[]
  return Object.fromEntries(
    names.map((name) => {
      const parts = crystals.map((crystal) => crystal[name]!.data)
      const isWhole = RAGGED_TENSORS[name].dtype === 'int32'
      return [name, flat(isWhole ? joinedAs(Int32Array, parts) : joinedAs(Float32Array, parts))]
    }),
  )
}
