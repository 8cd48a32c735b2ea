// The crystals of a run by what they are for: those of the data's splits, and of the train split those that are left out by
// chemistry, to calibrate on.

import { withoutChemistry } from '../data/chemistry.ts'
import type { LabelledCrystal } from '../data/labelled.ts'
import { type SplitCrystals, splitDataset } from '../data/split.ts'
import type { TrainingOptions } from './options.ts'

/** Crystals of a run by what they are for. */
export interface RunSplits extends SplitCrystals {
  /** neither learned from nor validated on */
  readonly leftOut: readonly LabelledCrystal[]
}

/** @throws DatasetError as splitDataset */
export function splitsOf(
  crystals: readonly LabelledCrystal[],
  { leave_out_chemistry: share }: Pick<TrainingOptions, 'leave_out_chemistry'>,
): RunSplits {
  const splits = splitDataset(crystals)
  const { kept, leftOut } =
    share === 0 ? { kept: splits.train, leftOut: [] } : withoutChemistry(splits.train, share)
  return { ...splits, train: kept, leftOut }
}
