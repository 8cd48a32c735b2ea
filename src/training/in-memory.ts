// Training that leaves no folder: crystals in memory, weights with their domain and their errors back. Runs where there are
// no files, such as the worker of a page; an interruption loses all.

import type { NetworkConfig } from '../../models/network.ts'
import { countParameters } from '../../models/registry.ts'
import { inMemory } from '../data/crystals.ts'
import type { LabelledCrystal } from '../data/labelled.ts'
import type { TargetScaling } from '../data/scaling.ts'
import type { Domain } from '../domain/section.ts'
import { type Engine, selectedBackend } from '../engines/engine.ts'
import { courseOf, trained } from './course.ts'
import { type Evaluation, evaluateSet } from './evaluate.ts'
import type { EpochMetrics } from './events.ts'
import { type ChosenWeights, lastEpoch, peakMemory } from './fit.ts'
import { fitRunDomain } from './fit-domain.ts'
import { localGradients } from './gradients.ts'
import { settingsOf } from './new-settings.ts'
import type { TrainingOptions } from './options.ts'
import { disposeState, initialState } from './state.ts'
import { checkTrainable } from './trainable.ts'
import type { TrainingRun } from './training-run.ts'

/** What is trained, and on what: a run without a folder. */
export type RunInMemory = Pick<
  TrainingRun,
  'targets' | 'config' | 'options' | 'from' | 'keepHead' | 'onEvent' | 'signal'
> & {
  readonly crystals: readonly LabelledCrystal[]
}

/** What came of it. */
export interface TrainedInMemory {
  readonly config: NetworkConfig
  readonly options: TrainingOptions
  readonly targets: readonly TargetScaling[]
  readonly chosen: ChosenWeights
  readonly history: readonly EpochMetrics[]
  /** Undefined where too few crystals were held out to say anything. */
  readonly domain: Domain | undefined
  /** Errors on what was not trained on; null for a split without crystals. */
  readonly val: Evaluation | null
  readonly test: Evaluation | null
  /** Crystals of the train split. */
  readonly learned: number
}

/** @throws TrainingError, DatasetError, WeightsError as `train`; DivergedError; the reason of `signal` */
export async function trainInMemory(run: RunInMemory, engine: Engine): Promise<TrainedInMemory> {
  const { onEvent = () => {}, signal, from } = run
  const started = performance.now()
  const crystals = inMemory(run.crystals)
  const settings = settingsOf(run, crystals)
  const { model: config, training: options, targets: scaling } = settings
  checkTrainable(config, engine)
  const { feed, sets, close } = await courseOf(settings, crystals, engine, { signal })
  const kept = run.keepHead ? scaling : undefined
  const state = initialState(config, options.seed, options.epochs - options.swa_epochs, from, kept)
  const context = {
    ...{ config, options, scaling, engine, feed, onEvent, signal },
    ...{ train: sets.train, val: sets.val, hasWidths: from !== undefined },
    keepsHead: kept !== undefined,
    gradients: localGradients(feed, config, options),
  }
  try {
    onEvent({
      ...{ type: 'start', backend: selectedBackend(engine), threads: 1 },
      ...{ parameters: countParameters(config), ...settings.splits },
      ...{ epochs: lastEpoch(state, context), done: 0 },
    })
    const history: EpochMetrics[] = []
    const chosen = await trained(state, context, [], async (metrics) => void history.push(metrics))
    const domain = await fitRunDomain(chosen.weights, config, sets, scaling, feed)
    const errors = async (set: typeof sets.val) =>
      set.length === 0 ? null : evaluateSet(chosen.weights, config, set, scaling, feed, domain)
    const [val, test] = [await errors(sets.val), await errors(sets.test)]
    const seconds = (performance.now() - started) / 1000
    onEvent({ type: 'end', exported: chosen.which, seconds, peakMemory: peakMemory() })
    return {
      ...{ config, options, targets: scaling, chosen, history, domain, val, test },
      learned: sets.train.length,
    }
  } finally {
    disposeState(state)
    await close()
  }
}
