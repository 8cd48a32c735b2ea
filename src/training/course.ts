// A training from its first step to the weights that it ends with: what it computes with, its epochs, its choice. Whatever
// it leaves, and where, is the affair of those who call: run.ts keeps it in a folder, in-memory.ts keeps nothing.

import { networkOf } from '../../models/registry.ts'
import type { Crystals } from '../data/crystals.ts'
import type { Engine } from '../engines/engine.ts'
import type { Feed } from '../engines/feed.ts'
import { feedFor } from '../engines/feed-for.ts'
import type { GeometrySpec } from '../periodic/types.ts'
import { VERSION } from '../version.ts'
import { watchDivergence } from './divergence.ts'
import { type FitContext, validate } from './epoch.ts'
import type { EpochMetrics } from './events.ts'
import { checkFeedable } from './feedable.ts'
import { type ChosenWeights, chooseWeights, fitEpochs } from './fit.ts'
import { type PreparedSet, preparedSet } from './prepared.ts'
import type { RunConfig } from './run-folder.ts'
import { splitsOf } from './splits.ts'
import type { TrainingState } from './state.ts'
import { type StartAhead, supplyOf } from './supply.ts'

/** The crystals of a course by what they are for, as its network takes them. */
export type CourseSets = Readonly<Record<'train' | 'val' | 'test' | 'leftOut', PreparedSet>>

/** What the epochs of a course compute with. */
export interface Course {
  readonly feed: Feed
  readonly geometry: GeometrySpec
  readonly sets: CourseSets
  readonly close: () => Promise<void>
}

/**
 * Prepares the crystals, and looks whether the network takes them all.
 * @param startAhead for crystals on a disk
 * @throws DatasetError naming those that it does not take; the reason of `signal`
 */
export async function courseOf(
  { model: config, training: options, targets }: Pick<RunConfig, 'model' | 'training' | 'targets'>,
  crystals: Crystals,
  engine: Engine,
  { signal, startAhead }: { readonly signal?: AbortSignal; readonly startAhead?: StartAhead } = {},
): Promise<Course> {
  const splits = splitsOf(crystals, options)
  const { geometry } = networkOf(config).geometry(config, options.mode, {
    radius: options.radius ?? undefined,
  })
  const feed = feedFor(engine, config, geometry)
  const supply = supplyOf(crystals, feed, startAhead)
  const sets = {
    train: preparedSet(splits.train, targets, supply),
    val: preparedSet(splits.val, targets, supply),
    test: preparedSet(splits.test, targets, supply, false),
    leftOut: preparedSet(splits.leftOut, targets, supply, false),
  }
  // What a network takes depends on the tables that it needs alone.
  await crystals.remembered(`fed as ${JSON.stringify(feed.preparation)} by ${VERSION}`, async () => {
    await checkFeedable(sets, signal)
    return true
  })
  return { feed, geometry, sets, close: supply.close }
}

/**
 * Trains to the last epoch and chooses weights.
 * @param history of the epochs that were done before
 * @param onEpoch awaited after each one: the place to keep what there is
 * @throws DivergedError
 */
export async function trained(
  state: TrainingState,
  context: FitContext,
  history: readonly EpochMetrics[],
  onEpoch: (metrics: EpochMetrics) => Promise<void>,
): Promise<ChosenWeights> {
  const { train, val, scaling, options, onEvent } = context
  const isNew = state.optimiser.steps === 0
  const before = context.keepsHead && isNew ? await validate(state.parameters, context) : null
  const watch = watchDivergence(train, val, scaling, options, onEvent, before)
  for (const metrics of history) watch.epoch(metrics)
  await fitEpochs(state, context, watch, onEpoch)
  const { validation, ...chosen } = await chooseWeights(state, context)
  watch.end(validation)
  return chosen
}
