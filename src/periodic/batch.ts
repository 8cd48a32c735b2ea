// Packs prepared crystals into the typed arrays that models and exported graphs take (the table at `Batch`). Float64
// becomes float32 here, if asked, and nowhere before. Not here: which crystals go together (group.ts).

import { ConfigError } from '../errors.ts'
import { packCells } from './cell-batch.ts'
import { packImages } from './pack-images.ts'
import { packNear } from './pack-near.ts'
import { packWaves } from './pack-waves.ts'
import type { PreparedCrystal } from './prepare.ts'
import type { Batch, BatchTensor, FloatArray, FloatArrays } from './types.ts'

/**
 * One batch of crystals that were prepared with the same geometry. The tensors are in the order of the crystals; their
 * atoms follow one another without gaps.
 */
export function packBatch(crystals: readonly PreparedCrystal[]): Batch
/** The same with its floats in such arrays. */
export function packBatch<F extends FloatArray>(
  crystals: readonly PreparedCrystal[],
  Floats: FloatArrays<F>,
): Batch<F>
export function packBatch(
  crystals: readonly PreparedCrystal[],
  Floats: FloatArrays<FloatArray> = Float32Array,
): Batch<FloatArray> {
  const atoms = crystals.reduce((sum, crystal) => sum + crystal.atoms, 0)
  if (crystals[0]?.cell) {
    const tensors = packCells(crystals, all(crystals, 'cell'), Floats)
    return { atoms, crystals: crystals.length, slots: 0, imagesPerSlot: 0, tensors }
  }
  const tables = crystals[0]?.images && all(crystals, 'images')
  const runs = crystals[0]?.runs && all(crystals, 'runs')
  const near = crystals[0]?.near && all(crystals, 'near')
  const images = tables && packImages(tables, runs!, Floats)
  return {
    atoms,
    crystals: crystals.length,
    slots: images?.slots ?? 0,
    imagesPerSlot: images?.imagesPerSlot ?? 0,
    tensors: {
      ...packSpecies(crystals, atoms, Floats),
      ...images?.tensors,
      ...(images && near && { near: packNear(tables!, runs!, near, images) }),
      ...(crystals[0]?.waves && packWaves(all(crystals, 'waves'), Floats)),
      ...(crystals[0]?.frame && { frame: packFrames(all(crystals, 'frame'), crystals, Floats) }),
      pool: packPool(crystals, atoms, Floats),
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

type Tensors = Record<string, BatchTensor<FloatArray>>

function packSpecies(
  crystals: readonly PreparedCrystal[],
  atoms: number,
  Floats: FloatArrays<FloatArray>,
): Tensors {
  const occupants = crystals.reduce((most, crystal) => Math.max(most, crystal.occupants), 1)
  const species = new Int32Array(atoms * occupants)
  const occupancy = new Floats(atoms * occupants)
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
function packFrames(
  frames: readonly Float64Array[],
  crystals: readonly PreparedCrystal[],
  Floats: FloatArrays<FloatArray>,
): BatchTensor<FloatArray> {
  const rows = crystals.flatMap(({ atoms }, c) => Array.from({ length: atoms }, () => [...frames[c]]))
  const data = new Floats(9 * rows.length)
  data.set(rows.flat())
  return { data, dims: [rows.length, 3, 3] }
}

function packPool(
  crystals: readonly PreparedCrystal[],
  atoms: number,
  Floats: FloatArrays<FloatArray>,
): BatchTensor<FloatArray> {
  const pool = new Floats(crystals.length * atoms)
  let first = 0
  crystals.forEach((crystal, c) => {
    pool.set(crystal.shares, c * atoms + first)
    first += crystal.atoms
  })
  return { data: pool, dims: [crystals.length, atoms] }
}
