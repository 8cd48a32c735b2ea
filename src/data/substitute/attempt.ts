// One attempt at a new crystal: elements exchanged, the cell scaled, strained, the atoms shaken.

import { volume } from '../../crystal/cell.ts'
import { chemicalSystem } from '../../crystal/chemical-system.ts'
import { atomicFractions } from '../../crystal/formula.ts'
import { type Structure, structure } from '../../crystal/structure.ts'
import type { Random } from '../../math/random/random.ts'
import { mapEntries } from '../../math/vectors.ts'
import { neighbourTable } from '../../periodic/neighbours.ts'
import { deformed, plusSymmetric } from '../deform.ts'
import type { LabelledCrystal } from '../labelled.ts'
import { additive, fitPerElement } from '../per-element.ts'
import { exchangeOf } from './exchange.ts'
import type { LeftOut, SubstituteSettings } from './options.ts'

/** Å³ that an atom takes at least, and what an element is held with at the mean of all: one crystal of it alone. */
const VOLUMES = { least: 1, penalty: 1 }

/** Makes a crystal of another, or says why it does not. */
export type Attempt = (parent: Structure, excluded: ReadonlySet<string>, rng: Random) => Structure | LeftOut

/** @param train crystals that tell how large the elements are, and which there are */
export function attempts(train: readonly LabelledCrystal[], settings: SubstituteSettings): Attempt {
  const volumes = fitPerElement(
    train.map(({ structure }) => ({
      fractions: atomicFractions(structure),
      value: volume(structure.lattice) / structure.frac.length,
    })),
    VOLUMES,
  )
  const exchange = exchangeOf([...volumes.keys()], settings)
  const { isotropic, anisotropic, rattle, rattled, minDistance } = settings
  return (parent, excluded, rng) => {
    const before = atomicFractions(parent)
    const replaced = new Map([...before.keys()].map((z) => [z, exchange(z, rng)]))
    if (new Set(replaced.values()).size < replaced.size) return 'merged-elements'
    const exchanged = scaledTo(parent, replaced, volumes)
    if (excluded.has(chemicalSystem(exchanged))) return 'excluded-system'
    const deformation = plusSymmetric(1 + isotropic * rng.normal(), anisotropic, rng)
    const crystal = deformed(exchanged, { deformation, rattle: rng.uniform() < rattled ? rattle : 0 }, rng)
    return isSpacious(crystal, minDistance) ? crystal : 'too-close'
  }
}

/** The crystal with other elements, larger or smaller as they are. */
function scaledTo(
  parent: Structure,
  replaced: ReadonlyMap<number, number>,
  volumes: ReadonlyMap<number, number>,
): Structure {
  const before = atomicFractions(parent)
  const after = new Map([...before].map(([z, x]) => [replaced.get(z)!, x]))
  const factor = Math.cbrt(additive(after, volumes) / additive(before, volumes))
  return structure({
    lattice: mapEntries(parent.lattice, (x) => x * factor),
    frac: parent.frac,
    species: parent.species.map(([{ element }]) => replaced.get(element)!),
  })
}

/** Whether no two atoms are nearer than `distance` Å: within it, every atom sees itself alone. */
function isSpacious(crystal: Structure, distance: number): boolean {
  const { neighbour } = neighbourTable(crystal, { kind: 'sphere', radius: distance })
  return neighbour.length === crystal.frac.length
}
