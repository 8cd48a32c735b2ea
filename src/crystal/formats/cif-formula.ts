// The formula that a CIF data block declares, `_chemical_formula_sum`, against the atoms of the cell.

import { atomicNumber } from '../elements.ts'
import { composition, formula } from '../formula.ts'
import type { Structure } from '../structure.ts'
import type { CifBlock } from './cif-syntax.ts'

/** Relative tolerance of the comparison; refined occupancies are rounded in the formula. */
const FORMULA = 0.03

/** Amounts by atomic number; undefined when the formula is not plain, `C6 H12 O6`. */
export function formulaSum(block: CifBlock): ReadonlyMap<number, number> | undefined {
  const text = block.columns.get('_chemical_formula_sum')?.values[0]?.trim()
  if (text === undefined || text.length > 2000 || !/^(?:[A-Z][a-z]?\d*(?:\.\d*)?\s*)+$/.test(text))
    return undefined
  const amounts = new Map<number, number>()
  for (const [, symbol, count] of text.matchAll(/([A-Z][a-z]?)(\d*\.?\d*)/g)) {
    const z = atomicNumber(symbol)
    if (z === undefined) return undefined
    amounts.set(z, (amounts.get(z) ?? 0) + (count === '' ? 1 : Number(count)))
  }
  return amounts
}

/** Whether atoms are in the proportions of a formula. Hydrogen is left out: its atoms are often not located. */
export function formulaFits(
  atoms: ReadonlyMap<number, number>,
  declared: ReadonlyMap<number, number>,
): boolean {
  const [found, wanted] = [atoms, declared].map(
    (amounts) => new Map([...amounts].filter(([z, n]) => z !== 1 && n > 0)),
  )
  if (wanted.size === 0) return true
  const units = sum(found) / sum(wanted)
  return (
    wanted.size === found.size &&
    [...wanted].every(([z, n]) => Math.abs((found.get(z) ?? 0) - n * units) <= FORMULA * n * units)
  )
}

/** Says when the cell does not hold what the file declares. */
export function formulaWarning(block: CifBlock, s: Structure): string[] {
  const declared = formulaSum(block)
  if (declared === undefined || formulaFits(composition(s), declared)) return []
  const text = block.columns.get('_chemical_formula_sum')!.values[0]!.trim()
  return [`the cell holds ${formula(s)}, which is not in the proportions of the declared formula ${text}`]
}

function sum(amounts: ReadonlyMap<number, number>): number {
  return [...amounts.values()].reduce((a, b) => a + b, 0)
}
