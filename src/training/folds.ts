// Folds for cross-validation: with few crystals the error on a tenth of them says little, and a tenth less to learn from
// costs much. Every crystal that may be learned from judges one member of each deal, and teaches the others.

import { type Crystals, dealtOf } from '../data/crystals.ts'
import type { Split } from '../data/labelled.ts'
import { orderedByHash } from '../math/hash.ts'

/**
 * The crystals as member `n` sees them: the splits train and val are dealt into `folds` parts of about the same size, of
 * which part `n mod folds` is val and the others are train; test stays. Who is in which part depends on ids alone, and is
 * drawn anew after every `folds` members.
 */
export function inFolds(crystals: Crystals, folds: number, n: number): Crystals {
  const { train, val, test } = crystals.splits()
  const deal = Math.floor(n / folds)
  const learnedFrom = Array.from([...train, ...val], (number) => ({ number, id: crystals.at(number).id }))
  const dealt = orderedByHash(learnedFrom, ({ id }) => id, deal).map(({ number }) => number)
  const splitOf = (at: number): Split =>
    at >= dealt.length ? 'test' : at % folds === n % folds ? 'val' : 'train'
  return dealtOf(crystals, Int32Array.from([...dealt, ...test]), splitOf)
}
