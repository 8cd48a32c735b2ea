// Crystals as the kernels take them (source/batch.h), written into the memory that they work on: a flat list of images,
// without slots or padding.

import { DeviceError } from '../../src/errors.ts'
import type { Arena } from './arena.ts'
import { placeCell } from './cell.ts'
import type { FusedCrystal, SharedImages } from './crystal.ts'
import type { Machine } from './machine.ts'

/** Where the kernels find a batch and leave its results. */
export interface PlacedBatch {
  readonly words: number
  /** [C, targets] */
  readonly prediction: number
  /** [C, d], or 0 */
  readonly embedding: number
  /** [C], or 0 */
  readonly doubt: number
}

/** @throws DeviceError when the kernels find other images than they have counted */
export function placeBatch(
  { kernels }: Machine,
  memory: Arena,
  crystals: readonly FusedCrystal[],
  { directions, chooses, geometry }: SharedImages,
  width: { readonly targets: number; readonly embedding: number },
): PlacedBatch {
  const total = (count: (crystal: FusedCrystal) => number) =>
    crystals.reduce((sum, crystal) => sum + count(crystal), 0)
  const atoms = total((crystal) => crystal.atoms)
  const pairs = total((crystal) => crystal.pairs)
  const images = total((crystal) => crystal.images)
  const occupants = crystals.reduce((most, crystal) => Math.max(most, crystal.occupants), 1)
  const at = {
    species: memory.take(atoms * occupants),
    occupancy: memory.take(atoms * occupants),
    pairStart: memory.take(atoms + 1),
    pairAtom: memory.take(pairs),
    imageStart: memory.take(pairs + 1),
    distance2: memory.take(images),
    unit: directions ? memory.take(3 * images) : 0,
    frame: geometry.frame ? memory.take(9 * atoms) : 0,
    crystalStart: memory.take(crystals.length + 1),
    share: memory.take(atoms),
    prediction: memory.take(crystals.length * width.targets),
    embedding: width.embedding > 0 ? memory.take(crystals.length * width.embedding) : 0,
    doubt: chooses ? memory.take(crystals.length) : 0,
  }
  const words = memory.placeInts([atoms, occupants, crystals.length, pairs, images, ...Object.values(at)])
  memory.setInt(at.crystalStart, 0)
  let [firstAtom, firstPair, firstImage] = [0, 0, 0]
  for (const [c, crystal] of crystals.entries()) {
    placeSites(
      memory,
      crystal,
      occupants,
      at.species + firstAtom * occupants,
      at.occupancy + firstAtom * occupants,
    )
    memory.setFloats(at.share + firstAtom, crystal.shares)
    for (let i = 0; crystal.frame && i < crystal.atoms; i++) {
      memory.setFloats(at.frame + 9 * (firstAtom + i), crystal.frame)
    }
    const mark = memory.mark()
    const { pairStart, pairAtom, imageStart, distance2, unit } = at
    const cell = placeCell(memory, crystal.cell, {
      rows: crystal.atoms,
      rowList: memory.placeInts(crystal.rows),
      number: memory.placeInts(crystal.number),
      ...{ pairStart, pairAtom, imageStart, distance2, unit },
      ...{ firstAtom, firstPair, firstImage, mostPairs: pairs, mostImages: images },
    })
    if (kernels.images(cell) < 0)
      throw new DeviceError('the fused engine finds other images than it has counted')
    memory.release(mark)
    firstAtom += crystal.atoms
    firstPair += crystal.pairs
    firstImage += crystal.images
    memory.setInt(at.crystalStart + c + 1, firstAtom)
  }
  const { prediction, embedding, doubt } = at
  return { words, prediction, embedding, doubt }
}

/** Species and occupancy of every site, filled up with none. */
function placeSites(
  memory: Arena,
  crystal: FusedCrystal,
  occupants: number,
  species: number,
  occupancy: number,
): void {
  for (let i = 0; i < crystal.atoms; i++) {
    for (let e = 0; e < occupants; e++) {
      const has = e < crystal.occupants
      const from = i * crystal.occupants + e
      memory.setInt(species + i * occupants + e, has ? crystal.species[from] : 0)
      memory.setFloat(occupancy + i * occupants + e, has ? crystal.occupancy[from] : 0)
    }
  }
}
