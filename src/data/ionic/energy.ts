// The label of the built-in data set.

import type { Structure } from '../../crystal/structure.ts'
import { electrostaticEnergy } from './ewald.ts'
import { ionsOf } from './ions.ts'
import { repulsiveEnergy } from './repulsion.ts'

/**
 * Electrostatic plus repulsive energy in eV per atom, against the ions far apart: negative when the crystal is bound.
 * @throws ElementError for an element that is not among the tabulated ions. @throws StructureError when not neutral.
 */
export function latticeEnergy(crystal: Structure): number {
  const ions = ionsOf(crystal)
  const charges = ions.map((ion) => ion.charge)
  return (electrostaticEnergy(crystal, charges) + repulsiveEnergy(crystal, ions)) / ions.length
}
