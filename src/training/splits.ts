// The crystals of a run by what they are for: those of the data's splits, and of the train split those that are left out by
// chemistry, to calibrate on.

import { withoutChemistry } from '../data/chemistry.ts'
import { type Chosen, type Crystals, chosenOf, someOf } from '../data/crystals.ts'
import type { Split } from '../data/labelled.ts'
import type { TrainingOptions } from './options.ts'

/** Crystals of a run by what they are for. */
export type RunSplits = Readonly<
  Record<Split, Chosen> & {
    /** neither learned from nor validated on */
    leftOut: Chosen
  }
>

/** @throws DatasetError as splitDataset */
export function splitsOf(
  crystals: Crystals,
  { leave_out_chemistry: share }: Pick<TrainingOptions, 'leave_out_chemistry'>,
): RunSplits {
  const splits = crystals.splits()
  const [train, val, test] = [splits.train, splits.val, splits.test].map((numbers) =>
    chosenOf(crystals, numbers),
  )
  if (share === 0) return { train, val, test, leftOut: someOf(train, new Int32Array()) }
  const { kept, leftOut } = withoutChemistry(train, share)
  return { train: someOf(train, kept), val, test, leftOut: someOf(train, leftOut) }
}
