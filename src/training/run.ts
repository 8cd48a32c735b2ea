// The one entry to training: data in, a run folder with weights out.

import type { NetworkConfig } from '../../models/network.ts'
import { countParameters, isLoadable, networkOf } from '../../models/registry.ts'
import type { BackendName } from '../engines/backends.ts'
import { selectedBackend } from '../engines/engine.ts'
import type { Feed } from '../engines/feed.ts'
import { selectBackend } from '../engines/select.ts'
import { TrainingError } from '../errors.ts'
import type { GeometrySpec } from '../periodic/types.ts'
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts'
import { courseOf, trained } from './course.ts'
import { DivergedError } from './divergence.ts'
import type { FitContext } from './epoch.ts'
import type { EpochMetrics } from './events.ts'
import { type ChosenWeights, lastEpoch, peakMemory } from './fit.ts'
import { fitRunDomain } from './fit-domain.ts'
import { type GradientSource, localGradients } from './gradients.ts'
import { whileHolding } from './lock.ts'
import { appendMetrics, readMetrics, truncateMetrics } from './metrics.ts'
import { openedData } from './opened-data.ts'
import type { TrainingOptions } from './options.ts'
import { storedResult, writeOutcome } from './outcome.ts'
import { runPaths } from './run-folder.ts'
import { newSettings, refuseToReplace, resumedSettings } from './settings.ts'
import { standingOf } from './standing.ts'
import { disposeState, initialState, type TrainingState } from './state.ts'
import type { StartAhead } from './supply.ts'
import { downloadWeights } from './tensors.ts'
import { isHelper } from './threads/protocol.ts'
import { checkTrainable } from './trainable.ts'
import type { TrainingResult, TrainingRun } from './training-run.ts'

/**
 * Trains a network and leaves a run folder: config.json, metrics.jsonl, checkpoint/, weights.safetensors, domain.json,
 * evaluation.json.
 * @throws TrainingError for options that cannot be, a folder that holds another run or that another process trains in,
 * or a training that diverges; DatasetError for data that cannot be trained on; the reason of `signal` when it aborts.
 */
export async function train(run: TrainingRun): Promise<TrainingResult> {
  if (isHelper()) {
    throw new TrainingError(
      'the file that defines a network also trains it; keep the network in a file of its own',
    )
  }
  return whileHolding(run, (onEvent) => trainHeld({ ...run, onEvent }))
}

const NOT_VALIDATED =
  'no crystal to validate on: nothing tells the best epoch, and the training loss alone whether the training diverges'

/** The same in a folder that no other process touches. */
async function trainHeld(run: TrainingRun & Required<Pick<TrainingRun, 'onEvent'>>): Promise<TrainingResult> {
  const started = performance.now()
  const { runFolder, onEvent, signal } = run
  const paths = runPaths(runFolder)
  const { name, crystals } = await openedData(run.data, run.targets)
  const standing = run.resume ? await standingOf(runFolder) : 'new'
  if (standing === 'new') await refuseToReplace(runFolder)
  const settings =
    standing === 'new' ? await newSettings(run, name, crystals) : await resumedSettings(run, crystals)
  if (standing === 'finished') return storedResult(runFolder, settings)
  const { model: config, training: options, targets: scaling } = settings

  const engine = await selectBackend(run.backend)
  checkTrainable(config, engine)
  const { feed, geometry, sets, close } = await courseOf(settings, crystals, engine, { signal, startAhead })
  const state =
    standing === 'begun'
      ? await loadCheckpoint(paths.checkpoint, settings)
      : initialState(
          config,
          options.seed,
          options.epochs - options.swa_epochs,
          run.from,
          run.keepHead ? scaling : undefined,
        )
  const threads = engine.takesHelpers ? threadsFor(config, run) : 1
  const gradients = await gradientsBy(threads, engine.name, feed, config, geometry, options)
  const context: FitContext = {
    ...{ config, options, scaling, engine, feed, gradients },
    ...{ train: sets.train, val: sets.val },
    hasWidths: run.from !== undefined,
    keepsHead: run.keepHead === true,
    onEvent,
    signal,
  }
  const domainOf =
    ({ weights }: Pick<ChosenWeights, 'weights'>) =>
    () =>
      fitRunDomain(weights, config, sets, scaling, feed)
  try {
    await truncateMetrics(paths.metrics, state.epoch)
    onEvent({
      type: 'start',
      backend: selectedBackend(engine),
      threads: gradients.threads,
      parameters: countParameters(config),
      train: sets.train.length,
      val: sets.val.length,
      test: sets.test.length,
      epochs: lastEpoch(state, context),
      done: state.epoch,
    })
    if (sets.val.length === 0) onEvent({ type: 'warning', message: NOT_VALIDATED })
    const onEpoch = async (metrics: EpochMetrics) => {
      await appendMetrics(paths.metrics, metrics)
      await saveCheckpoint(paths.checkpoint, state, settings.hash)
    }
    const before = await readMetrics(paths.metrics)
    const chosen = await trained(state, context, before, onEpoch).catch(async (error) => {
      if (!(error instanceof DivergedError)) throw error
      const before = await weightsBefore(state)
      await writeOutcome(feed, before, sets, settings, paths, domainOf(before), { diverged: true })
      throw new TrainingError(`${error.message}. ${paths.weights} holds ${before.what}`, { cause: error })
    })
    const { val, test } = await writeOutcome(feed, chosen, sets, settings, paths, domainOf(chosen))
    const seconds = (performance.now() - started) / 1000
    const history = await readMetrics(paths.metrics)
    onEvent({ type: 'end', exported: chosen.which, seconds, peakMemory: peakMemory() })
    return {
      ...{ runFolder, backend: selectedBackend(engine), config, options, targets: scaling },
      ...{ chosen, epochs: state.epoch, history, val, test, seconds },
    }
  } finally {
    disposeState(state)
    await gradients.close()
    await close()
  }
}

const startAhead: StartAhead = async (preparation) =>
  (await import('./ahead/ahead.ts')).startAhead(preparation)

/** Other threads need a file to load the network from. */
function threadsFor(config: NetworkConfig, { threads = 1, onEvent }: TrainingRun): number {
  if (threads === 1 || isLoadable(networkOf(config))) return threads
  onEvent?.({
    type: 'warning',
    message: `one thread trains: ${config.architecture} does not say which file defines it (module: import.meta.url)`,
  })
  return 1
}

/** The module of the threads is loaded only where there are several. */
async function gradientsBy(
  threads: number,
  backend: BackendName,
  feed: Feed,
  config: NetworkConfig,
  geometry: GeometrySpec,
  options: TrainingOptions,
): Promise<GradientSource> {
  const local = localGradients(feed, config, options)
  if (threads === 1) return local
  const { threadedGradients } = await import('./threads/threaded.ts')
  return threadedGradients(local, backend, config, geometry, options, threads - 1)
}

/** What is left of a training that diverged. */
async function weightsBefore({ best, parameters }: TrainingState) {
  return best
    ? {
        which: 'best' as const,
        weights: best.weights,
        what: `the best weights before, of epoch ${best.epoch}`,
      }
    : {
        which: 'last' as const,
        weights: await downloadWeights(parameters),
        what: 'the last weights that were finite',
      }
}
