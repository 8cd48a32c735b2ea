// The split of the built-in data set: by compound, and even over the structure types.

import { hashText } from '../../math/hash.ts'
import type { Split } from '../labelled.ts'
import type { Compound } from './compounds.ts'

/**
 * The split of every formula. The formulas of each structure type (those that no earlier type has) are ranked by a hash
 * of formula and seed; the first tenth is test, the next tenth val, the rest train. All crystals of one compound, in
 * every structure type and deformation, are in one split: near duplicates never face each other.
 */
export function splitByFormula(types: readonly (readonly Compound[])[], seed: number): Map<string, Split> {
  const splits = new Map<string, Split>()
  for (const compounds of types) {
    const dealt = [...new Set(compounds.map((c) => c.formula))]
      .filter((formula) => !splits.has(formula))
      .map((formula) => ({ formula, hash: hashText(formula, seed) }))
      .sort((a, b) => a.hash - b.hash || (a.formula < b.formula ? -1 : 1))
    dealt.forEach(({ formula }, rank) => {
      const share = (rank + 0.5) / dealt.length
      splits.set(formula, share < 0.1 ? 'test' : share < 0.2 ? 'val' : 'train')
    })
  }
  return splits
}
