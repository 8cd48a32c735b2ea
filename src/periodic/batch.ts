// Packs prepared crystals into the typed arrays that models and exported graphs take (tensors.ts). Float64
// becomes float32 here, if asked, and nowhere before. Not here: which crystals go together (group.ts).

import { ConfigError } from '../errors.ts'
import { packCells } from './cell-batch.ts'
import { packImages } from './pack-images.ts'
import { packNear } from './pack-near.ts'
import { packWaves } from './pack-waves.ts'
import type { PreparedCrystal, SiteCrystal, TableCrystal } from './prepare.ts'
import type { Batch, BatchTensor, FloatArray, FloatArrays, SiteBatch, Tensors } from './tensors.ts'

/** The batch of crystals of a kind. */
export type BatchOf<Kind extends Batch['kind'], F extends FloatArray> = Extract<Batch<F>, { kind: Kind }>

/**
 * One batch of crystals that were prepared with the same geometry, its floats in such arrays. The tensors are in the order
 * of the crystals; their atoms follow one another without gaps.
 * @throws ConfigError when the crystals were prepared differently
 */
export function packBatch<Crystal extends PreparedCrystal, F extends FloatArray = Float32Array>(
  crystals: readonly Crystal[],
  Floats: FloatArrays<F> = Float32Array as unknown as FloatArrays<F>,
): BatchOf<Crystal['kind'], F> {
  return packed(crystals, Floats) as BatchOf<Crystal['kind'], F>
}

function packed<F extends FloatArray>(
  crystals: readonly PreparedCrystal[],
  Floats: FloatArrays<F>,
): Batch<F> {
  const { kind } = crystals[0]
  const atoms = crystals.reduce((sum, crystal) => sum + crystal.atoms, 0)
  const size = { atoms, crystals: crystals.length }
  switch (kind) {
    case 'cells':
      return { kind, ...size, tensors: packCells(ofKind(crystals, kind), Floats) }
    case 'sites':
      return { kind, ...size, tensors: packSites(ofKind(crystals, kind), atoms, Floats) }
    case 'tables': {
      const tables = ofKind(crystals, kind)
      const { tensors, ...shape } = packImages(tables, Floats)
      const near = tables[0].near && { near: packNear(tables, all(tables, 'near'), shape) }
      return {
        kind,
        ...size,
        ...shape,
        tensors: { ...packSites(tables, atoms, Floats), ...tensors, ...near },
      }
    }
  }
}

/** Images over A·S·M: the share of a batch's work that is not padding. 0 without images. */
export function batchFill(batch: Batch): number {
  if (batch.kind !== 'tables') return 0
  const { data } = batch.tensors.image_mask
  let images = 0
  for (const real of data) images += real
  return images / data.length
}

/** Crystals of one kind. @throws ConfigError when one of them is of another, having been prepared differently. */
function ofKind<Kind extends PreparedCrystal['kind']>(crystals: readonly PreparedCrystal[], kind: Kind) {
  return crystals.map((crystal, c) => {
    if (crystal.kind === kind) return crystal as Extract<PreparedCrystal, { kind: Kind }>
    throw new ConfigError(
      `crystal ${c + 1} of the batch is prepared as ${crystal.kind}, the first one as ${kind}: prepare all with one geometry`,
    )
  })
}

/** A part that some geometries have, of every crystal. @throws ConfigError when a crystal lacks it. */
function all<Crystal extends object, Name extends keyof Crystal>(crystals: readonly Crystal[], name: Name) {
  return crystals.map((crystal, c) => {
    const found = crystal[name]
    if (found) return found
    throw new ConfigError(
      `crystal ${c + 1} of the batch has no ${String(name)}, the first one has: prepare all with one geometry`,
    )
  })
}

/** What all crystals with their own species have, images or not. */
function packSites<F extends FloatArray>(
  crystals: readonly (TableCrystal | SiteCrystal)[],
  atoms: number,
  Floats: FloatArrays<F>,
): SiteBatch<F>['tensors'] {
  const [{ waves, frame }] = crystals
  return {
    ...packSpecies(crystals, atoms, Floats),
    ...(waves && packWaves(all(crystals, 'waves'), Floats)),
    ...(frame && { frame: packFrames(all(crystals, 'frame'), crystals, Floats) }),
    pool: packPool(crystals, atoms, Floats),
  }
}

function packSpecies<F extends FloatArray>(
  crystals: readonly PreparedCrystal[],
  atoms: number,
  Floats: FloatArrays<F>,
): Tensors<F, 'species' | 'occupancy'> {
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
function packFrames<F extends FloatArray>(
  frames: readonly Float64Array[],
  crystals: readonly PreparedCrystal[],
  Floats: FloatArrays<F>,
): BatchTensor<F> {
  const rows = crystals.flatMap(({ atoms }, c) => Array.from({ length: atoms }, () => [...frames[c]]))
  const data = new Floats(9 * rows.length)
  data.set(rows.flat())
  return { data, dims: [rows.length, 3, 3] }
}

function packPool<F extends FloatArray>(
  crystals: readonly PreparedCrystal[],
  atoms: number,
  Floats: FloatArrays<F>,
): BatchTensor<F> {
  const pool = new Floats(crystals.length * atoms)
  let first = 0
  crystals.forEach((crystal, c) => {
    pool.set(crystal.shares, c * atoms + first)
    first += crystal.atoms
  })
  return { data: pool, dims: [crystals.length, atoms] }
}
