// Chemical formulas of structures, fractional occupancies included.
// The order is that of rising electronegativity (Pauling), as in NaCl or SrTiO3; elements without a value come last.

import { electronegativity } from './electronegativity.ts'
import { SYMBOLS } from './elements.ts'
import type { Structure } from './structure.ts'

/** Amounts below this are the rounding of occupancies, not atoms. */
const AMOUNT = 1e-6

/** Atoms of every element in the cell, occupancies summed; by atomic number, in formula order. */
export function composition(s: Pick<Structure, 'species'>): ReadonlyMap<number, number> {
  const amounts = new Map<number, number>()
  for (const site of s.species) {
    for (const { element, occupancy } of site) amounts.set(element, (amounts.get(element) ?? 0) + occupancy)
  }
  return new Map([...amounts].sort(([a], [b]) => order(a) - order(b) || a - b))
}

/** Shares of the elements in the atoms of a crystal, which add up to one; by atomic number. */
export function atomicFractions(s: Structure): ReadonlyMap<number, number> {
  const amounts = composition(s)
  const atoms = [...amounts.values()].reduce((sum, n) => sum + n, 0)
  return new Map([...amounts].map(([z, n]) => [z, n / atoms]))
}

function order(z: number): number {
  return electronegativity(z) ?? 10
}

/** Formula of the whole cell with every count written: `Ti2 O4`, `Na3.6 Cl4`. */
export function formula(s: Structure): string {
  return [...composition(s)].map(([z, n]) => `${SYMBOLS[z]}${amount(n)}`).join(' ')
}

/**
 * Formula of the smallest unit with whole numbers, counts of one left out: `TiO2`, `NaCl`. Where an amount is fractional the
 * cell is not reduced: `Na3.6Cl4`.
 */
export function reducedFormula(s: Structure): string {
  const amounts = composition(s)
  const whole = [...amounts.values()].every((n) => Math.abs(n - Math.round(n)) < AMOUNT)
  const divisor = whole ? [...amounts.values()].map(Math.round).reduce(greatestCommonDivisor) : 1
  return [...amounts]
    .map(([z, n]) => {
      const count = amount(n / divisor)
      return `${SYMBOLS[z]}${count === '1' ? '' : count}`
    })
    .join('')
}

function amount(n: number): string {
  return String(Number(n.toFixed(5)))
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
