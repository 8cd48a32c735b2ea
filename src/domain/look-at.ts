// Looks at a crystal for its domain (look.ts). Not here: what a network makes of the crystal.

import { volume } from '../crystal/cell.ts'
import { covalentRadius } from '../crystal/covalent-radii.ts'
import { composition } from '../crystal/formula.ts'
import { isOrdered, type Structure } from '../crystal/structure.ts'
import { occupiedOf, TOGETHER } from '../periodic/closest.ts'
import { neighbourTable } from '../periodic/neighbours.ts'
import type { Contact, Look } from './look.ts'

/** Sums of covalent radii within which two atoms count as neighbours. */
const REACH = 1.1

/** @throws StructureError or LimitError for a cell that no neighbour table can be made of */
export function lookAt(structure: Structure): Look {
  const amounts = [...composition(structure)].sort(([a], [b]) => a - b)
  const atoms = amounts.reduce((sum, [, amount]) => sum + amount, 0)
  const space = volume(structure.lattice)
  const spheres = amounts.reduce(
    (sum, [element, amount]) => sum + (4 / 3) * Math.PI * amount * covalentRadius(element) ** 3,
    0,
  )
  return {
    elements: amounts.map(([element, amount]) => [element, amount / atoms]),
    disordered: !isOrdered(structure),
    volumePerAtom: space / atoms,
    filling: spheres / space,
    contacts: contactsOf(structure),
  }
}

function contactsOf(structure: Structure): Contact[] {
  const { species } = structure
  const largest = species.flat().reduce((most, { element }) => Math.max(most, covalentRadius(element)), 0)
  const table = neighbourTable(structure, { kind: 'sphere', radius: 2 * REACH * largest })
  const occupied = occupiedOf(species)
  const closest = new Map<string, Contact>()
  const { atoms, offsets, neighbour, displacement } = table
  for (let i = 0; i < atoms; i++) {
    for (let image = offsets[i]; image < offsets[i + 1]; image++) {
      const j = neighbour[image]
      const distance = Math.hypot(
        displacement[3 * image],
        displacement[3 * image + 1],
        displacement[3 * image + 2],
      )
      // Every pair is there from both of its ends. Two sites that are never occupied together are no neighbours.
      if (j < i || (i === j && distance === 0) || occupied[i] + occupied[j] <= TOGETHER) continue
      for (const a of species[i]) {
        for (const b of species[j]) {
          const ratio = distance / (covalentRadius(a.element) + covalentRadius(b.element))
          if (ratio > REACH) continue
          const elements: Contact['elements'] =
            a.element < b.element ? [a.element, b.element] : [b.element, a.element]
          const key = elements.join('-')
          if (ratio < (closest.get(key)?.ratio ?? Number.POSITIVE_INFINITY)) {
            closest.set(key, { elements, distance, ratio })
          }
        }
      }
    }
  }
  return [...closest.values()]
}
