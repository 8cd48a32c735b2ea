// The settings of a new run from what it was given: validated, with every default, and with the scaling of its targets.

import { configure } from '../../models/registry.ts'
import type { Crystals } from '../data/crystals.ts'
import { targetFaults } from '../data/learnable.ts'
import { fitScaling, type TargetName } from '../data/scaling.ts'
import { DatasetError, TrainingError } from '../errors.ts'
import { learned } from '../math/transform.ts'
import { VERSION } from '../version.ts'
import { type TrainingOptionsInput, trainingOptions } from './options.ts'
import type { RunConfig } from './run-folder.ts'
import { type RunSplits, splitsOf } from './splits.ts'
import { learnedBefore, type StartingPoint } from './start.ts'
import type { TrainingRun } from './training-run.ts'

/** The part of a TrainingRun that its settings come from. */
export interface Given {
  readonly targets: TrainingRun['targets']
  readonly config?: Readonly<Record<string, unknown>>
  readonly options?: TrainingOptionsInput
  readonly from?: StartingPoint
  readonly keepHead?: boolean
}

/** Crystals that are named in a message. */
const NAMED = 3

/** The settings, and how many crystals there are of each split. @throws TrainingError and DatasetError for what cannot be. */
export function settingsOf(
  run: Given,
  crystals: Crystals,
): Omit<RunConfig, 'format' | 'data'> & { readonly splits: Omit<RunConfig['data'], 'name' | 'sha256'> } {
  if (run.targets.length === 0)
    throw new TrainingError('no target to train on; name one property of the data')
  const { num_targets: _, ...network } = run.config ?? {}
  if (run.from) refuseOthers(network, run.from.config, 'the network to start from has')
  const config = configure({ ...run.from?.config, ...run.config, num_targets: run.targets.length })
  const options = trainingOptions(run.options)
  const splits = splitsOf(crystals, options)
  const before = run.keepHead ? learnedBefore(run.from, run.targets) : undefined
  const targets = (before ?? run.targets).map(targetOf)
  for (const target of targets) refuseUnlearnable(target, crystals, splits)
  return {
    toolkit: VERSION,
    model: config,
    training: options,
    // The unit of errors stays that of the network, whose data may have been wider.
    targets: fitScaling(splits.train, targets).map((target, t) => ({
      ...target,
      std: before?.[t].std ?? target.std,
    })),
    splits: { train: splits.train.length, val: splits.val.length, test: splits.test.length },
  }
}

/** A target with what is not said of it. */
function targetOf({ name, unit = '1', transform = 'none' }: TrainingRun['targets'][number]): TargetName {
  return { name, unit, ...(transform !== 'none' && { transform }) }
}

/** @throws DatasetError for a target that float32 cannot learn, or values that have no logarithm where that is learned. */
function refuseUnlearnable(
  target: TargetName,
  crystals: Crystals,
  { train }: Pick<RunSplits, 'train'>,
): void {
  const { name, transform } = target
  const column = crystals.valuesOf(name)
  const labelled = Array.from(column.keys()).filter((n) => !Number.isNaN(column[n]))
  const such = (places: readonly number[]) =>
    places.slice(0, NAMED).map((n) => `"${crystals.at(labelled[n]).id}"`)
  const values = labelled.map((n) => learned(column[n], target))
  const ofTrain = Array.from(train.valuesOf(name))
    .filter((value) => !Number.isNaN(value))
    .map((value) => learned(value, target))
  const without = values.flatMap((value, n) => (Number.isFinite(value) ? [] : [n]))
  if (without.length > 0) {
    const has = without.length === 1 ? '1 crystal has' : `${without.length} crystals have`
    const [first] = without
    throw new DatasetError(
      `${transform} of ${name}: ${has} no positive value (${such(without).join(', ')}; the first ${column[labelled[first]]}); ` +
        'leave such crystals out, or learn the value itself',
    )
  }
  const fault = targetFaults(transform ? `${transform} of ${name}` : name, ofTrain, values).find(
    ({ isFatal }) => isFatal,
  )
  if (!fault) return
  const ids = such(fault.values)
  throw new DatasetError(`${fault.message}${ids.length > 0 ? ` (such as ${ids.join(', ')})` : ''}`)
}

/** @throws TrainingError for a setting that differs from what is there. */
export function refuseOthers(given: object = {}, there: object, whose: string): void {
  for (const [key, value] of Object.entries(given)) {
    const [given, known] = [value, (there as Record<string, unknown>)[key]].map((x) => JSON.stringify(x))
    if (given === known) continue
    throw new TrainingError(`${key} is ${given}, ${whose} ${known}; leave it out, or start a new run`)
  }
}
