// What a graph is given of a batch in each layout: what the hosts of its crystals send, as Triton joins it.

import type { Card } from '../../runtimes/card.ts'
import { prepare } from '../../runtimes/prepare.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import type { TableCrystal } from '../../src/periodic/prepare.ts'
import { IMAGES_PER_SLOT, joinRagged, raggedTensors } from '../../src/periodic/ragged.ts'
import type { BatchTensor } from '../../src/periodic/tensors.ts'
import { ATOMS_END } from './names.ts'

/** What a client sends of each, joined. */
export function cellFeeds(crystals: readonly Structure[]): Record<string, BatchTensor> {
  const numbers = crystals.flatMap(({ species }) => species.map(([{ element }]) => element))
  const frac = crystals.flatMap(({ frac }) => frac.flat())
  const lattice = crystals.flatMap(({ lattice }) => lattice.flat())
  return {
    numbers: { data: Int32Array.from(numbers), dims: [numbers.length] },
    frac: { data: Float32Array.from(frac), dims: [frac.length] },
    lattice: { data: Float32Array.from(lattice), dims: [crystals.length, 3, 3] },
    [ATOMS_END]: ends(crystals.map(({ frac }) => frac.length)),
  }
}

/** What a host sends of each, joined. @throws as `prepare` */
export function raggedFeeds(crystals: readonly Structure[], card: Card): Record<string, BatchTensor> {
  const prepared = crystals.map((crystal) => prepare(card, crystal, { oneOfEachOrbit: true }) as TableCrystal)
  return raggedBatch(prepared, IMAGES_PER_SLOT)
}

/** The same of crystals that are prepared, with M images a slot. */
export function raggedBatch(crystals: readonly TableCrystal[], M: number): Record<string, BatchTensor> {
  return {
    ...joinRagged(crystals.map((crystal) => raggedTensors(crystal, M))),
    [ATOMS_END]: ends(crystals.map(({ atoms }) => atoms)),
  }
}

function ends(atoms: readonly number[]): BatchTensor {
  let end = 0
  return { data: Int32Array.from(atoms, (count) => (end += count)), dims: [atoms.length] }
}
