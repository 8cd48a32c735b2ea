// The phases that a hull is made of where nobody gives others: formation energies of the crystals to learn from, the lowest
// of each composition.

import { reducedFormula } from '../../src/crystal/formula.ts'
import type { LabelledCrystal } from '../../src/data/labelled.ts'
import { DATA } from './recipe.ts'

/** As JSON: the unit, and [formula, energy an atom] in the order of the formulas. */
export function knownPhases(crystals: readonly LabelledCrystal[]): string {
  const lowest = new Map<string, number>()
  for (const { structure, split, targets } of crystals) {
    if (split !== 'train') continue
    const formula = reducedFormula(structure)
    const energy = targets[DATA.energy.name]
    if (!((lowest.get(formula) ?? Number.POSITIVE_INFINITY) <= energy)) lowest.set(formula, energy)
  }
  const phases = [...lowest].sort(([a], [b]) => (a < b ? -1 : 1))
  const rows = phases.map((phase) => `  ${JSON.stringify(phase)}`)
  return `{\n"unit": "${DATA.energy.unit}",\n"phases": [\n${rows.join(',\n')}\n]}\n`
}
