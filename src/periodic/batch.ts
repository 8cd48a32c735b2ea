// Packs prepared crystals into the typed arrays that models and exported graphs take (the table at `Batch`). Float64
// becomes float32 here and nowhere before. Not here: which crystals go together (group.ts).

import { ConfigError } from '../errors.ts'
import { packCells } from './cell-batch.ts'
import { packImages } from './pack-images.ts'
import { packNear } from './pack-near.ts'
import { packWaves } from './pack-waves.ts'
import type { PreparedCrystal } from './prepare.ts'
import type { Batch, BatchTensor } from './types.ts'

/**
 * One batch of crystals that were prepared with the same geometry. The tensors are in the order of the crystals; their
 * atoms follow one another without gaps.
 */
export function packBatch(crystals: readonly PreparedCrystal[]): Batch {
  const atoms = crystals.reduce((sum, crystal) => sum + crystal.atoms, 0)
  if (crystals[0]?.cell) {
    const tensors = packCells(crystals, all(crystals, 'cell'))
    return { atoms, crystals: crystals.length, slots: 0, imagesPerSlot: 0, tensors }
  }
  const tables = crystals[0]?.images && all(crystals, 'images')
  const runs = crystals[0]?.runs && all(crystals, 'runs')
  const near = crystals[0]?.near && all(crystals, 'near')
  const images = tables && packImages(tables, runs!)
  return {
    atoms,
    crystals: crystals.length,
    slots: images?.slots ?? 0,
    imagesPerSlot: images?.imagesPerSlot ?? 0,
    tensors: {
      ...packSpecies(crystals, atoms),
      ...images?.tensors,
      ...(images && near && { near: packNear(tables!, runs!, near, images) }),
      ...(crystals[0]?.waves && packWaves(all(crystals, 'waves'))),
      ...(crystals[0]?.frame && { frame: packFrames(all(crystals, 'frame'), crystals) }),
      pool: packPool(crystals, atoms),
    },
  }
}

/** Images over A·S·M: the share of a batch's work that is not padding. 0 without images. */
export function batchFill(batch: Batch): number {
  const mask = batch.tensors.image_mask
  if (!mask) return 0
  let images = 0
  for (const real of mask.data) images += real
  return images / mask.data.length
}

/** One part of every crystal. @throws ConfigError when a crystal lacks it, having been prepared differently. */
function all<K extends 'images' | 'runs' | 'near' | 'waves' | 'frame' | 'cell'>(
  crystals: readonly PreparedCrystal[],
  part: K,
) {
  return crystals.map((crystal, c) => {
    const found = crystal[part]
    if (found) return found
    throw new ConfigError(
      `crystal ${c + 1} of the batch has no ${part}, the first one has: prepare all with one geometry`,
    )
  })
}

type Tensors = Record<string, BatchTensor>

function packSpecies(crystals: readonly PreparedCrystal[], atoms: number): Tensors {
  const occupants = crystals.reduce((most, crystal) => Math.max(most, crystal.occupants), 1)
  const species = new Int32Array(atoms * occupants)
  const occupancy = new Float32Array(atoms * occupants)
  let to = 0
  for (const crystal of crystals) {
    for (let i = 0; i < crystal.atoms; i++, to += occupants) {
      for (let e = 0; e < crystal.occupants; e++) {
        species[to + e] = crystal.species[i * crystal.occupants + e]
        occupancy[to + e] = crystal.occupancy[i * crystal.occupants + e]
      }
    }
  }
  const dims = [atoms, occupants]
  return { species: { data: species, dims }, occupancy: { data: occupancy, dims } }
}

/** The frame of a crystal for each of its atoms. */
function packFrames(frames: readonly Float64Array[], crystals: readonly PreparedCrystal[]): BatchTensor {
  const rows = crystals.flatMap(({ atoms }, c) => Array.from({ length: atoms }, () => [...frames[c]]))
  return { data: Float32Array.from(rows.flat()), dims: [rows.length, 3, 3] }
}

function packPool(crystals: readonly PreparedCrystal[], atoms: number): BatchTensor {
  const pool = new Float32Array(crystals.length * atoms)
  let first = 0
  crystals.forEach((crystal, c) => {
    pool.set(crystal.shares, c * atoms + first)
    first += crystal.atoms
  })
  return { data: pool, dims: [crystals.length, atoms] }
}
