// Which of the labelled crystals teach, which tune, and which judge. Crystals of one formula stay together where there are
// enough formulas, since frames of a trajectory and polymorphs are much alike, and would judge too kindly.

import { reducedFormula } from '../../src/crystal/formula.ts'
import { type LabelledCrystal, labelledCrystal, SPLITS } from '../../src/data/labelled.ts'
import { type SplitCrystals, splitDataset } from '../../src/data/split.ts'
import { FEWEST_HELD_OUT } from '../../src/domain/fit.ts'

/** Crystals to judge by, at least. */
const FEWEST_TEST = 10
/** Of all, where there are many. */
const SHARE = 0.1
/** Labelled crystals without which fine-tuning makes no sense: half of them are held out. */
export const FEWEST_LABELLED = 2 * (FEWEST_HELD_OUT + FEWEST_TEST)

/** At least FEWEST_LABELLED crystals, with their splits. */
export function dealt(crystals: readonly LabelledCrystal[]): {
  readonly crystals: readonly LabelledCrystal[]
  /** whether formulas are in one split only */
  readonly newFormulas: boolean
} {
  const shares = {
    val: Math.max(SHARE, FEWEST_HELD_OUT / crystals.length),
    test: Math.max(SHARE, FEWEST_TEST / crystals.length),
  }
  const byFormula = splitDataset(crystals, {
    ...shares,
    groupBy: ({ structure }) => reducedFormula(structure),
  })
  const newFormulas = byFormula.val.length >= FEWEST_HELD_OUT && byFormula.test.length >= FEWEST_TEST
  return { crystals: named(newFormulas ? byFormula : splitDataset(crystals, shares)), newFormulas }
}

function named(splits: SplitCrystals): LabelledCrystal[] {
  return SPLITS.flatMap((split) =>
    splits[split].map(({ id, structure, targets }) =>
      labelledCrystal({ id, structure, split, targets: Object.entries(targets) }),
    ),
  )
}
