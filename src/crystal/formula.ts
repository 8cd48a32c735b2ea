// Chemical formulas of structures, fractional occupancies included.
// The order is that of rising electronegativity (Pauling), as in NaCl or SrTiO3; elements without a value come last.

import { SYMBOLS } from './elements.ts'
import type { Structure } from './structure.ts'

/** Pauling electronegativities by atomic number, 0 where none is tabulated (CRC Handbook of Chemistry and Physics). */
const ELECTRONEGATIVITY: readonly number[] = [
  0, 2.2, 0, 0.98, 1.57, 2.04, 2.55, 3.04, 3.44, 3.98, 0, 0.93, 1.31, 1.61, 1.9, 2.19, 2.58, 3.16, 0, 0.82,
  1.0, 1.36, 1.54, 1.63, 1.66, 1.55, 1.83, 1.88, 1.91, 1.9, 1.65, 1.81, 2.01, 2.18, 2.55, 2.96, 3.0, 0.82,
  0.95, 1.22, 1.33, 1.6, 2.16, 1.9, 2.2, 2.28, 2.2, 1.93, 1.69, 1.78, 1.96, 2.05, 2.1, 2.66, 2.6, 0.79, 0.89,
  1.1, 1.12, 1.13, 1.14, 1.13, 1.17, 1.2, 1.2, 1.1, 1.22, 1.23, 1.24, 1.25, 1.1, 1.27, 1.3, 1.5, 2.36, 1.9,
  2.2, 2.2, 2.28, 2.54, 2.0, 1.62, 2.33, 2.02, 2.0, 2.2, 0, 0.7, 0.9, 1.1, 1.3, 1.5, 1.38, 1.36, 1.28, 1.3,
  1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3,
]

/** Amounts below this are the rounding of occupancies, not atoms. */
const AMOUNT = 1e-6

/** Atoms of every element in the cell, occupancies summed; by atomic number, in formula order. */
export function composition(s: Structure): ReadonlyMap<number, number> {
  const amounts = new Map<number, number>()
  for (const site of s.species) {
    for (const { element, occupancy } of site) amounts.set(element, (amounts.get(element) ?? 0) + occupancy)
  }
  return new Map([...amounts].sort(([a], [b]) => order(a) - order(b) || a - b))
}

function order(z: number): number {
  return ELECTRONEGATIVITY[z] || 10
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
