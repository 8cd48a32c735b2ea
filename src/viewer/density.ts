// What follows from a crystal or from its symmetry: its density, and its Wyckoff letters in words.

import { atomicMass } from '../crystal/atomic-masses.ts'
import { volume } from '../crystal/cell.ts'
import { symbolOf } from '../crystal/elements.ts'
import { composition } from '../crystal/formula.ts'
import type { Symmetry } from '../crystal/standardise.ts'
import type { Structure } from '../crystal/structure.ts'
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
