// Phases in a JSON file, by formula and energy: those that come with the package.

import { atomicNumber } from '../crystal/elements.ts'
import { DatasetError } from '../errors.ts'
import type { Phase } from './hull.ts'

/** `{"unit": "eV/atom", "phases": [["NaCl", -2.1], …]}`. @throws DatasetError for anything else */
export function readPhases(json: string): Phase[] {
  const { unit, phases } = JSON.parse(json) as { unit?: unknown; phases?: unknown }
  if (unit !== 'eV/atom' || !Array.isArray(phases)) {
    throw new DatasetError('no list of known phases: expected a unit of eV/atom, and phases')
  }
  return phases.map(([formula, energy]: [string, number]) => ({
    ...{ formula, energy },
    fractions: fractionsOf(formula),
  }))
}

/** Atomic fractions of a formula of whole numbers, such as `Fe2O3`. */
function fractionsOf(formula: string): ReadonlyMap<number, number> {
  const amounts = [...formula.matchAll(/([A-Z][a-z]?)(\d*)/g)].map(
    ([, symbol, count]) => [atomicNumber(symbol)!, count === '' ? 1 : Number(count)] as const,
  )
  const atoms = amounts.reduce((sum, [, count]) => sum + count, 0)
  return new Map(amounts.map(([element, count]) => [element, count / atoms]))
}
