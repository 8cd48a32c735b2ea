// What is drawn of a structure, and what is left out because there would be too much of it.

import type { Structure } from '../crystal/structure.ts'
import { siteName } from './colours.ts'
import type { DrawnCrystal } from './drawn.ts'
import { bonds, expand, isMixed, mainElement } from './expand.ts'
import { POLYHEDRA_SITES, polyhedra } from './polyhedra.ts'
import { wedgesOf } from './wedges.ts'

/** Atoms that are drawn; and beyond which bonds are too many to be seen, or names, or divided spheres. */
const MOST = { atoms: 20_000, bonds: 3000, names: 400, mixed: 4000 } as const

/** What of a crystal is wanted. */
export interface Wanted {
  /** in a row: so many in each of three directions */
  readonly cells: number
  readonly bonds: boolean
  readonly labels: boolean
  readonly polyhedra: boolean
}

export interface Drawing {
  readonly crystal: DrawnCrystal
  /** what is not drawn, in words */
  readonly notes: readonly string[]
}

export function drawingOf(structure: Structure, wanted: Wanted): Drawing {
  const { cells } = wanted
  const { atoms, total } = expand(structure, cells, MOST.atoms)
  const count = (n: number) => n.toLocaleString('en')
  const mixed = [...structure.species.entries()].filter(([, site]) => isMixed(site))
  const few = { bonds: total <= MOST.bonds, names: total <= MOST.names, mixed: total <= MOST.mixed }
  const notes = [
    total > atoms.length && `${count(atoms.length)} of ${count(total)} atoms are drawn.`,
    wanted.bonds && !few.bonds && `Bonds are drawn up to ${count(MOST.bonds)} atoms.`,
    wanted.labels && !few.names && `Labels are drawn up to ${count(MOST.names)} atoms.`,
    wanted.polyhedra &&
      structure.frac.length * cells ** 3 > POLYHEDRA_SITES &&
      `Polyhedra are drawn up to ${count(POLYHEDRA_SITES)} atoms.`,
    mixed.length > 0 && !few.mixed && 'Mixed sites have the colour of what is most on them.',
  ]
  return {
    crystal: {
      ...{ lattice: structure.lattice, cells, atoms },
      bonds: wanted.bonds && few.bonds ? bonds(atoms) : [],
      wedges: new Map(few.mixed ? mixed.map(([site, occupants]) => [site, wedgesOf(occupants)]) : []),
      polyhedra: wanted.polyhedra ? polyhedra(structure, cells) : [],
      names:
        wanted.labels && few.names
          ? structure.frac.map((_, site) => siteName(mainElement(structure, site), site))
          : undefined,
    },
    notes: notes.filter((note) => note !== false),
  }
}
