// The one entry to training: data in, a run folder with weights out.

import type { NetworkConfig } from '../../models/network.ts'
import { countParameters, networkOf } from '../../models/registry.ts'
import { loadDataset } from '../data/dataset.ts'
import type { LabelledCrystal } from '../data/labelled.ts'
import type { TargetScaling } from '../data/scaling.ts'
import { splitDataset } from '../data/split.ts'
import { type BackendName, type SelectedBackend, selectBackend } from '../engines/select.ts'
import { TrainingError } from '../errors.ts'
import type { GeometrySpec } from '../periodic/types.ts'
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts'
import { DivergedError, watchDivergence } from './divergence.ts'
import type { FitContext } from './epoch.ts'
import type { Evaluation } from './evaluate.ts'
import type { EpochMetrics, OnEvent } from './events.ts'
import { type Feed, feedFor } from './feed.ts'
import { checkFeedable } from './feedable.ts'
import { type ChosenWeights, chooseWeights, fitEpochs, lastEpoch, peakMemory } from './fit.ts'
import { type GradientEngine, localEngine } from './gradients.ts'
import { whileHolding } from './lock.ts'
import { appendMetrics, readMetrics, truncateMetrics } from './metrics.ts'
import type { TrainingOptions, TrainingOptionsInput } from './options.ts'
import { handOut, storedResult } from './outcome.ts'
import { PREPARED_BYTES, preparedSet } from './prepared.ts'
import { type RunPaths, runPaths, type Settings } from './run-folder.ts'
import { newSettings, refuseToReplace, resumedSettings } from './settings.ts'
import { standingOf } from './standing.ts'
import type { StartingPoint } from './start.ts'
import { disposeState, initialState, type TrainingState } from './state.ts'
import { downloadWeights } from './tensors.ts'

/** What is trained, on what, and where it is left. */
export interface TrainingRun {
  /** A data file of labelled crystals, or the crystals themselves under a title. */
  readonly data:
    | string
    | {
        /** for the report and the card */
        readonly name: string
        /** in any order; splits as they name them, or by a hash of their ids */
        readonly crystals: readonly LabelledCrystal[]
      }
  /** What is to be predicted, one a column of the output. */
  readonly targets: readonly {
    /** key in `targets` of the crystals */
    readonly name: string
    /** such as `eV/atom` */
    readonly unit: string
  }[]
  /** Hyper-parameters of the network; num_targets follows from `targets`. Default: those of `from`, or the published ones. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Default: the published ones. */
  readonly options?: TrainingOptionsInput
  /**
   * A trained network to start from instead of random weights: everything but its last layer is taken, and its
   * hyper-parameters, with which those in `config` may not disagree. A resumed run needs it no more.
   */
  readonly from?: StartingPoint
  /** Made when it is not there. */
  readonly runFolder: string
  /**
   * Go on with the run in `runFolder`; config, options and targets are then those it was started with. Where no epoch was
   * finished yet the run starts anew, one that has ended stays as it is: safe to repeat after any interruption.
   */
  readonly resume?: boolean
  /** Default 'auto'. */
  readonly backend?: 'auto' | BackendName
  /** Threads that compute gradients, on the wasm backend; others have threads of their own. Default 1. */
  readonly threads?: number
  /** Told of every event as it happens. */
  readonly onEvent?: OnEvent
  /** Stops after the current step; the run can be resumed from its last whole epoch. */
  readonly signal?: AbortSignal
}

/** A run that has come to its end. */
export interface TrainingResult {
  /** Where it is. */
  readonly runFolder: string
  /** Null where the run had ended before and nothing was left to train. */
  readonly backend: SelectedBackend | null
  /** Of the network, with every default. */
  readonly config: NetworkConfig
  /** With every default. */
  readonly options: TrainingOptions
  /** With the scaling of the train split. */
  readonly targets: readonly TargetScaling[]
  /** The weights that were written to weights.safetensors, and what else there was to choose from. */
  readonly chosen: ChosenWeights
  /** That were trained, averaging included. */
  readonly epochs: number
  /** The lines of metrics.jsonl. */
  readonly history: readonly EpochMetrics[]
  /** Errors of the chosen weights; null for a split without crystals. */
  readonly val: Evaluation | null
  /** The same on the test split. */
  readonly test: Evaluation | null
  /** That this process trained. */
  readonly seconds: number
}

/**
 * Trains a network and leaves a run folder: config.json, metrics.jsonl, checkpoint/, weights.safetensors,
 * evaluation.json.
 * @throws TrainingError for options that cannot be, a folder that holds another run or that another process trains in,
 * or a training that diverges; DatasetError for data that cannot be trained on; the reason of `signal` when it aborts.
 */
export function train(run: TrainingRun): Promise<TrainingResult> {
  return whileHolding(run, (onEvent) => trainHeld({ ...run, onEvent }))
}

const NOT_VALIDATED =
  'no crystal to validate on: nothing tells the best epoch, and the training loss alone whether the training diverges'

/** The same in a folder that no other process touches. */
async function trainHeld(run: TrainingRun & Required<Pick<TrainingRun, 'onEvent'>>): Promise<TrainingResult> {
  const started = performance.now()
  const { runFolder, onEvent, signal } = run
  const paths = runPaths(runFolder)
  const names = run.targets.map(({ name }) => name)
  const [name, crystals] =
    typeof run.data === 'string'
      ? [run.data, await loadDataset(run.data, { target: names })]
      : [run.data.name, run.data.crystals]
  const splits = splitDataset(crystals)
  const standing = run.resume ? await standingOf(runFolder) : 'new'
  if (standing === 'new') await refuseToReplace(runFolder)
  const settings =
    standing === 'new' ? await newSettings(run, name, crystals, splits) : await resumedSettings(run, crystals)
  if (standing === 'finished') return storedResult(runFolder, settings)
  const { model: config, training: options, targets: scaling } = settings

  const backend = await selectBackend(run.backend)
  checkTrainable(config, backend.name)
  const { geometry } = networkOf(config).geometry(config, options.mode, {
    radius: options.radius ?? undefined,
  })
  const feed = feedFor(config, geometry)
  const budget = { left: PREPARED_BYTES }
  const sets = {
    train: preparedSet(splits.train, scaling, feed, budget),
    val: preparedSet(splits.val, scaling, feed, budget),
    test: preparedSet(splits.test, scaling, feed, { left: 0 }),
  }
  await checkFeedable(sets, signal)
  const state =
    standing === 'begun'
      ? await loadCheckpoint(paths.checkpoint, config, settings.hash)
      : initialState(config, options.seed, options.epochs - options.swa_epochs, run.from)
  const engine = await engineFor(feed, config, geometry, options, backend.name === 'wasm' ? run.threads : 1)
  const context: FitContext = {
    ...{ config, options, scaling, feed, engine },
    ...{ train: sets.train, val: sets.val },
    hasWidths: run.from !== undefined,
    onEvent,
    signal,
  }
  try {
    await truncateMetrics(paths.metrics, state.epoch)
    onEvent({
      type: 'start',
      backend,
      threads: engine.threads,
      parameters: countParameters(config),
      train: splits.train.length,
      val: splits.val.length,
      test: splits.test.length,
      epochs: lastEpoch(state, context),
      done: state.epoch,
    })
    if (splits.val.length === 0) onEvent({ type: 'warning', message: NOT_VALIDATED })
    const chosen = await fitAndChoose(state, context, settings, paths).catch(async (error) => {
      if (!(error instanceof DivergedError)) throw error
      const before = await weightsBefore(state)
      await handOut(before, splits, settings, paths, { diverged: true })
      throw new TrainingError(`${error.message}. ${paths.weights} holds ${before.what}`, { cause: error })
    })
    const { val, test } = await handOut(chosen, splits, settings, paths)
    const seconds = (performance.now() - started) / 1000
    const history = await readMetrics(paths.metrics)
    onEvent({ type: 'end', exported: chosen.which, seconds, peakMemory: peakMemory() })
    return {
      ...{ runFolder, backend, config, options, targets: scaling },
      ...{ chosen, epochs: state.epoch, history, val, test, seconds },
    }
  } finally {
    disposeState(state)
    await engine.close()
  }
}

/** @throws TrainingError for a network whose gradient a backend is known to get wrong. */
function checkTrainable(config: NetworkConfig, backend: BackendName): void {
  const { title, limits } = networkOf(config)
  const reason = limits.wrongGradients?.[backend]
  if (reason === undefined) return
  throw new TrainingError(
    `backend "${backend}": the gradient of a ${title} is wrong there (${reason}); choose "wasm"`,
  )
}

/** `threads` of them. The module of the threads is loaded only where there are several. */
async function engineFor(
  feed: Feed,
  config: NetworkConfig,
  geometry: GeometrySpec,
  options: TrainingOptions,
  threads = 1,
): Promise<GradientEngine> {
  const local = localEngine(feed, config, options)
  if (threads === 1) return local
  const { threadedEngine } = await import('./threads/engine.ts')
  return threadedEngine(local, config, geometry, options, threads - 1)
}

/** Trains to the end, with a checkpoint after every epoch. @throws DivergedError */
async function fitAndChoose(
  state: TrainingState,
  context: FitContext,
  { hash }: Settings,
  paths: RunPaths,
): Promise<ChosenWeights> {
  const { train, val, scaling, options, onEvent } = context
  const watch = watchDivergence(train, val, scaling, options, onEvent)
  for (const metrics of await readMetrics(paths.metrics)) watch.epoch(metrics)
  await fitEpochs(state, context, watch, async (metrics) => {
    await appendMetrics(paths.metrics, metrics)
    await saveCheckpoint(paths.checkpoint, state, hash)
  })
  const chosen = await chooseWeights(state, context)
  const { which, average, best } = chosen
  watch.end((which === 'average' ? average!.valMae : best?.valMae) ?? null)
  return chosen
}

/** What can still be handed out of a training that diverged. */
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
