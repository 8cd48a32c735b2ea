// Packs prepared crystals into the typed arrays that models and exported graphs take (the table at `Batch`). Float64
// becomes float32 here and nowhere before. Not here: which crystals go together (group.ts).

import type { PreparedCrystal } from './prepare.ts'
import { waveCosine } from './reciprocal.ts'
import { type Runs, runsOf, slotShape } from './slots.ts'
import type { Batch, BatchTensor } from './types.ts'

/**
 * One batch of crystals that were prepared with the same geometry. The tensors are in the order of the crystals; their
 * atoms follow one another without gaps.
 */
export function packBatch(crystals: readonly PreparedCrystal[]): Batch {
  const atoms = crystals.reduce((sum, crystal) => sum + crystal.atoms, 0)
  const images = crystals[0]?.images && packImages(crystals, atoms)
  return {
    atoms,
    crystals: crystals.length,
    slots: images?.slots ?? 0,
    imagesPerSlot: images?.imagesPerSlot ?? 0,
    tensors: {
      ...packSpecies(crystals, atoms),
      ...images?.tensors,
      ...(crystals[0]?.waves && packWaves(crystals, atoms)),
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

type Tensors = Record<string, BatchTensor>

function packSpecies(crystals: readonly PreparedCrystal[], atoms: number): Tensors {
  const occupants = crystals.reduce((most, crystal) => Math.max(most, crystal.occupants), 1)
  const species = new Int32Array(atoms * occupants)
  const occupancy = new Float32Array(atoms * occupants)
  let row = 0
  for (const crystal of crystals) {
    for (let i = 0; i < crystal.atoms; i++, row++) {
      const from = i * crystal.occupants
      species.set(crystal.species.subarray(from, from + crystal.occupants), row * occupants)
      occupancy.set(crystal.occupancy.subarray(from, from + crystal.occupants), row * occupants)
    }
  }
  const dims = [atoms, occupants]
  return { species: { data: species, dims }, occupancy: { data: occupancy, dims } }
}

function packImages(crystals: readonly PreparedCrystal[], atoms: number) {
  const runs: Runs[] = crystals.map((crystal) => runsOf(crystal.images!))
  const { slots, imagesPerSlot } = slotShape(runs)
  const adaptive = crystals[0].images!.reach !== undefined
  const neighbour = new Int32Array(atoms * slots)
  const translation = new Float32Array(atoms * imagesPerSlot * slots * 3)
  const mask = new Float32Array(atoms * imagesPerSlot * slots)
  const reach = adaptive ? new Float32Array(mask.length) : undefined

  let first = 0
  crystals.forEach((crystal, c) => {
    const table = crystal.images!
    const { offsets, start } = runs[c]
    for (let i = 0; i < crystal.atoms; i++) {
      const row = first + i
      let slot = 0
      for (let r = offsets[i]; r < offsets[i + 1]; r++) {
        const count = start[r + 1] - start[r]
        const width = Math.ceil(count / imagesPerSlot)
        neighbour.fill(first + table.neighbour[start[r]], row * slots + slot, row * slots + slot + width)
        // Image f goes to slot f mod width, row ⌊f / width⌋: the scan order holds along the flattened axis [M, S].
        for (let f = 0; f < count; f++) {
          const from = start[r] + f
          const to = (row * imagesPerSlot + Math.floor(f / width)) * slots + slot + (f % width)
          mask[to] = 1
          translation[3 * to] = table.displacement[3 * from]
          translation[3 * to + 1] = table.displacement[3 * from + 1]
          translation[3 * to + 2] = table.displacement[3 * from + 2]
          if (reach) reach[to] = table.reach![from]
        }
        slot += width
      }
      neighbour.fill(row, row * slots + slot, (row + 1) * slots)
    }
    first += crystal.atoms
  })

  const dims = [atoms, imagesPerSlot, slots]
  const tensors: Tensors = {
    neighbour: { data: neighbour, dims: [atoms, slots] },
    translation: { data: translation, dims: [...dims, 3] },
    image_mask: { data: mask, dims },
    ...(reach && { image_reach: { data: reach, dims } }),
  }
  return { slots, imagesPerSlot, tensors }
}

function packWaves(crystals: readonly PreparedCrystal[], atoms: number): Tensors {
  const partners = crystals.reduce((most, crystal) => Math.max(most, crystal.atoms), 1)
  const waves = crystals[0].waves!.waves
  const partner = new Int32Array(atoms * partners)
  const mask = new Float32Array(atoms * partners)
  const cosine = new Float32Array(atoms * waves * partners)
  const norm2 = new Float32Array(atoms * waves)
  const logVolume = new Float32Array(atoms)

  let first = 0
  for (const crystal of crystals) {
    const table = crystal.waves!
    for (let i = 0; i < crystal.atoms; i++) {
      const row = first + i
      logVolume[row] = table.logVolume
      norm2.set(table.norm2, row * waves)
      partner.fill(row, row * partners, (row + 1) * partners)
      mask.fill(1, row * partners, row * partners + crystal.atoms)
      for (let j = 0; j < crystal.atoms; j++) partner[row * partners + j] = first + j
      for (let k = 0; k < waves; k++) {
        const to = (row * waves + k) * partners
        for (let j = 0; j < crystal.atoms; j++) cosine[to + j] = waveCosine(table, i, k, j)
      }
    }
    first += crystal.atoms
  }
  return {
    partner: { data: partner, dims: [atoms, partners] },
    partner_mask: { data: mask, dims: [atoms, partners] },
    wave_cosine: { data: cosine, dims: [atoms, waves, partners] },
    wave_norm2: { data: norm2, dims: [atoms, waves] },
    log_volume: { data: logVolume, dims: [atoms] },
  }
}

function packPool(crystals: readonly PreparedCrystal[], atoms: number): BatchTensor {
  const pool = new Float32Array(crystals.length * atoms)
  let first = 0
  crystals.forEach((crystal, c) => {
    pool.fill(1 / crystal.atoms, c * atoms + first, c * atoms + first + crystal.atoms)
    first += crystal.atoms
  })
  return { data: pool, dims: [crystals.length, atoms] }
}
