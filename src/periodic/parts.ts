// A large crystal in parts: some atoms with their images, and the atoms that these are images of. What a network does with
// an atom between two exchanges of features can be done part by part, in runs that stay in cache (runtimes/in-stages.ts).

import { squaredDistances } from './measures.ts'
import type { NearImages } from './near-images.ts'
import { pickedRows, type TableCrystal } from './prepare.ts'
import { runsOf } from './runs.ts'
import type { NeighbourTable } from './types.ts'

export interface Part {
  /** The rows of its atoms; neighbours by their place in `sources`. */
  readonly crystal: TableCrystal
  /** Numbers in the crystal of the atoms that images are of; the atoms of the part come first. */
  readonly sources: Int32Array
}

/**
 * Parts of so many atoms at most, near each other, so that they have most of their neighbours in common. For crystals with
 * all images within a radius and without waves, which are of the whole cell.
 */
export function* partsOf(crystal: TableCrystal, atoms: number): Generator<Part> {
  for (const own of neighbourhoods(crystal.images, atoms)) yield partOf(crystal, own)
}

/** Every atom once: each time the first that is left, with the nearest of those that are left around it. */
function neighbourhoods(
  { atoms, offsets, neighbour, displacement }: NeighbourTable,
  size: number,
): number[][] {
  const taken = new Uint8Array(atoms)
  const distance = new Float64Array(atoms)
  const all: number[][] = []
  for (let seed = 0; seed < atoms; seed++) {
    if (taken[seed]) continue
    const around = new Set<number>()
    const [first, end] = [offsets[seed], offsets[seed + 1]]
    const squared = squaredDistances(displacement.subarray(3 * first, 3 * end))
    for (let image = first; image < end; image++) {
      const j = neighbour[image]
      if (taken[j] || j === seed) continue
      const own = squared[image - first]
      distance[j] = around.has(j) ? Math.min(distance[j], own) : own
      around.add(j)
    }
    const nearest = [...around].sort((a, b) => distance[a] - distance[b] || a - b).slice(0, size - 1)
    const own = [seed, ...nearest]
    for (const i of own) taken[i] = 1
    all.push(own)
  }
  return all
}

function partOf(crystal: TableCrystal, own: readonly number[]): Part {
  const place = new Map(own.map((i, n) => [i, n]))
  const { images: table } = crystal
  const rows = own.map((i) => [table.offsets[i], table.offsets[i + 1]] as const)
  const offsets = new Int32Array(own.length + 1)
  rows.forEach(([from, end], n) => {
    offsets[n + 1] = offsets[n] + end - from
  })
  const count = offsets[own.length]
  const neighbour = new Int32Array(count)
  const displacement = new Float64Array(3 * count)
  rows.forEach(([from, end], n) => {
    displacement.set(table.displacement.subarray(3 * from, 3 * end), 3 * offsets[n])
    for (let image = from; image < end; image++) {
      const j = table.neighbour[image]
      let at = place.get(j)
      if (at === undefined) place.set(j, (at = place.size))
      neighbour[offsets[n] + image - from] = at
    }
  })
  const images: NeighbourTable = { atoms: own.length, sources: place.size, offsets, neighbour, displacement }
  const { occupants } = crystal
  return {
    sources: Int32Array.from(place.keys()),
    crystal: {
      kind: 'tables',
      atoms: own.length,
      occupants,
      species: pickedRows(crystal.species, occupants, own),
      occupancy: pickedRows(crystal.occupancy, occupants, own),
      shares: pickedRows(crystal.shares, 1, own),
      images,
      runs: runsOf(images),
      ...(crystal.frame && { frame: crystal.frame }),
      ...(crystal.near && { near: nearOf(crystal.near, own, table.offsets, offsets) }),
    },
  }
}

/**
 * The near images of some atoms, as rows of the table of their part.
 * @param rows offsets of the whole table
 * @param offsets those of the part
 */
function nearOf(near: NearImages, own: readonly number[], rows: Int32Array, offsets: Int32Array): NearImages {
  const starts = new Int32Array(own.length + 1)
  const image: number[] = []
  own.forEach((i, n) => {
    for (const at of near.image.subarray(near.offsets[i], near.offsets[i + 1])) {
      image.push(at - rows[i] + offsets[n])
    }
    starts[n + 1] = image.length
  })
  return { offsets: starts, image: Int32Array.from(image) }
}
