// Chemical systems: which elements there are, whatever the amounts. NaCl and NaCl3 are both of Cl-Na.

import { atomicNumber, SYMBOLS } from './elements.ts'
import { composition } from './formula.ts'
import type { Structure } from './structure.ts'

/** Symbols in the order of the alphabet with hyphens, as the Materials Project writes it: `Cl-Na`, `O-Sr-Ti`. */
export function chemicalSystem(structure: Structure): string {
  return systemOf(composition(structure).keys())
}

/** The same of atomic numbers. */
export function systemOf(elements: Iterable<number>): string {
  return [...new Set(elements)]
    .map((z) => SYMBOLS[z])
    .sort()
    .join('-')
}

/** The system that a text names with its elements in any order; undefined for one that names none. */
export function parseSystem(text: string): string | undefined {
  const elements = text
    .split('-')
    .map((symbol) => (SYMBOLS.includes(symbol) ? atomicNumber(symbol) : undefined))
  return elements.every((z) => z !== undefined) ? systemOf(elements) : undefined
}
