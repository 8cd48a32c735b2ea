// Folds for cross-validation: with few crystals the error on a tenth of them says little, and a tenth less to learn from
// costs much. Every crystal that may be learned from judges one member of each deal, and teaches the others.

import type { LabelledCrystal } from '../data/labelled.ts'
import { splitDataset } from '../data/split.ts'
import { orderedByHash } from '../math/hash.ts'

/**
 * The crystals as member `n` sees them: the splits train and val are dealt into `folds` parts of about the same size, of
 * which part `n mod folds` is val and the others are train; test stays. Who is in which part depends on ids alone, and is
 * drawn anew after every `folds` members.
 */
export function inFolds(crystals: readonly LabelledCrystal[], folds: number, n: number): LabelledCrystal[] {
  const { train, val, test } = splitDataset(crystals)
  const deal = Math.floor(n / folds)
  const dealt = orderedByHash([...train, ...val], ({ id }) => id, deal).map((crystal, at) => ({
    ...crystal,
    split: at % folds === n % folds ? ('val' as const) : ('train' as const),
  }))
  return [...dealt, ...test.map((crystal) => ({ ...crystal, split: 'test' as const }))]
}
