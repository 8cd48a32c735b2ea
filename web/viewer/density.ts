// What follows from a crystal or from its symmetry: its density, and its Wyckoff letters in words.

import { atomicMass } from '../../src/crystal/atomic-masses.ts'
import { volume } from '../../src/crystal/cell.ts'
import { symbolOf } from '../../src/crystal/elements.ts'
import { composition } from '../../src/crystal/formula.ts'
import type { Symmetry } from '../../src/crystal/standardise.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { mainElement } from './expand.ts'

/** g/cm³ of 1 u/Å³ */
const DENSITY = 1.66053907

/** Mass over volume, g/cm³. */
export function density(structure: Structure): number {
  let mass = 0
  for (const [z, amount] of composition(structure)) mass += amount * atomicMass(z)
  return (DENSITY * mass) / volume(structure.lattice)
}

/** `Ti a, O f`: the letters of every element, each once. */
export function wyckoffText(structure: Structure, { wyckoffs }: Pick<Symmetry, 'wyckoffs'>): string {
  const of = (letter: string, site: number) => `${symbolOf(mainElement(structure, site))} ${letter}`
  return [...new Set(wyckoffs.map(of))].join(', ')
}
