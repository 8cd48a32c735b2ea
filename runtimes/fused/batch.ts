// Crystals as the kernels take them (source/batch.h), written into the memory that they work on: a flat list of images,
// without slots or padding.

import type { FusedDescription } from '../../models/fused.ts'
import { OWN } from '../../src/periodic/measures.ts'
import type { TableCrystal } from '../../src/periodic/prepare.ts'
import type { Arena } from './arena.ts'

/** Where the kernels find a batch and leave its results. */
export interface PlacedBatch {
  readonly words: number
  /** [C, targets] */
  readonly prediction: number
  /** [C, d], or 0 */
  readonly embedding: number
}

export function placeBatch(
  memory: Arena,
  crystals: readonly TableCrystal[],
  { directions, geometry }: FusedDescription,
  width: { readonly targets: number; readonly embedding: number },
): PlacedBatch {
  const total = (count: (crystal: TableCrystal) => number) =>
    crystals.reduce((sum, crystal) => sum + count(crystal), 0)
  const atoms = total((crystal) => crystal.atoms)
  const pairs = total(({ runs }) => runs.start.length - 1)
  const images = total((crystal) => crystal.images.neighbour.length)
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
  }
  const words = memory.placeInts([atoms, occupants, crystals.length, pairs, images, ...Object.values(at)])
  const { floats, ints } = memory
  ints[at.pairStart] = 0
  ints[at.imageStart] = 0
  ints[at.crystalStart] = 0
  let [atom, pair, image] = [0, 0, 0]
  for (const [c, crystal] of crystals.entries()) {
    const { runs, images: table, frame } = crystal
    placeSites(memory, crystal, occupants, at.species + atom * occupants, at.occupancy + atom * occupants)
    for (let i = 0; i < crystal.atoms; i++) {
      ints[at.pairStart + atom + i + 1] = pair + runs.offsets[i + 1]
      floats[at.share + atom + i] = crystal.shares[i]
      if (frame) floats.set(frame, at.frame + 9 * (atom + i))
    }
    const count = runs.start.length - 1
    for (let p = 0; p < count; p++) {
      ints[at.pairAtom + pair + p] = atom + table.neighbour[runs.start[p]]
      ints[at.imageStart + pair + p + 1] = image + runs.start[p + 1]
    }
    placeImages(floats, table.displacement, at.distance2 + image, directions ? at.unit + 3 * image : 0)
    atom += crystal.atoms
    pair += count
    image += table.neighbour.length
    ints[at.crystalStart + c + 1] = atom
  }
  return { words, prediction: at.prediction, embedding: at.embedding }
}

/** Species and occupancy of every site, filled up with none. */
function placeSites(
  { floats, ints }: Arena,
  crystal: TableCrystal,
  occupants: number,
  species: number,
  occupancy: number,
): void {
  for (let i = 0; i < crystal.atoms; i++) {
    for (let e = 0; e < occupants; e++) {
      const has = e < crystal.occupants
      const from = i * crystal.occupants + e
      ints[species + i * occupants + e] = has ? crystal.species[from] : 0
      floats[occupancy + i * occupants + e] = has ? crystal.occupancy[from] : 0
    }
  }
}

/** Squared distances in Å², and unless `unit` is 0 directions, zero for the atom itself. */
function placeImages(
  floats: Float32Array,
  displacement: Float64Array,
  distance2: number,
  unit: number,
): void {
  for (let f = 0; f < displacement.length; f += 3) {
    const x = displacement[f]
    const y = displacement[f + 1]
    const z = displacement[f + 2]
    const squared = x * x + y * y + z * z
    floats[distance2++] = squared
    if (unit === 0) continue
    const inverse = squared > OWN ? 1 / Math.sqrt(squared) : 0
    floats[unit + f] = x * inverse
    floats[unit + f + 1] = y * inverse
    floats[unit + f + 2] = z * inverse
  }
}
