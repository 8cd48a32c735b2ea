// The one entry to training: data in, a run folder with weights out.

import type { ModelConfig } from '../../models/config.ts'
import { geometryOf } from '../../models/geometry.ts'
import { countParameters } from '../../models/parameters.ts'
import type { Weights } from '../../models/safetensors.ts'
import {
  type LabelledCrystal,
  loadDataset,
  type SplitCrystals,
  splitDataset,
  type TargetScaling,
} from '../data/index.ts'
import { TrainingError } from '../errors.ts'
import { writeWhole } from '../files.ts'
import type { GeometrySpec } from '../periodic/index.ts'
import { type BackendName, type SelectedBackend, selectBackend } from './backend/select.ts'
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts'
import { DivergedError, type FitContext } from './epoch.ts'
import { type Evaluation, evaluate } from './evaluate.ts'
import type { EpochMetrics, OnEvent } from './events.ts'
import { type Feed, feedFor } from './feed.ts'
import { type ChosenWeights, chooseWeights, fitEpochs, lastEpoch, peakMemory } from './fit.ts'
import { type GradientEngine, localEngine } from './gradients.ts'
import { appendMetrics, readMetrics, truncateMetrics } from './metrics.ts'
import type { TrainingOptions, TrainingOptionsInput } from './options.ts'
import { PREPARED_BYTES, preparedSet } from './prepared.ts'
import { type RunEvaluation, type RunPaths, runPaths, writeRunWeights } from './runFolder.ts'
import { newSettings, resumedSettings, type Settings } from './settings.ts'
import type { StartingPoint } from './start.ts'
import { disposeState, initialState, type TrainingState } from './state.ts'
import { downloadWeights } from './tensors.ts'

export interface TrainingRun {
  /** A data file of labelled crystals, or the crystals themselves under a title. */
  readonly data: string | { readonly name: string; readonly crystals: readonly LabelledCrystal[] }
  readonly targets: readonly { readonly name: string; readonly unit: string }[]
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
  /** Go on with the run in `runFolder`; config, options and targets are then those it was started with. */
  readonly resume?: boolean
  /** Default 'auto'. */
  readonly backend?: 'auto' | BackendName
  /** Threads that compute gradients, on the wasm backend; others have threads of their own. Default 1. */
  readonly threads?: number
  readonly onEvent?: OnEvent
  /** Stops after the current step; the run can be resumed from its last whole epoch. */
  readonly signal?: AbortSignal
}

export interface TrainingResult {
  readonly runFolder: string
  readonly backend: SelectedBackend
  readonly config: ModelConfig
  readonly options: TrainingOptions
  readonly targets: readonly TargetScaling[]
  /** The weights that were written to weights.safetensors, and what else there was to choose from. */
  readonly chosen: ChosenWeights
  readonly epochs: number
  readonly history: readonly EpochMetrics[]
  /** Of the chosen weights; null for a split without crystals. */
  readonly val: Evaluation | null
  readonly test: Evaluation | null
  readonly seconds: number
}

/**
 * Trains a network and leaves a run folder: config.json, metrics.jsonl, checkpoint/, weights.safetensors,
 * evaluation.json.
 * @throws TrainingError for options that cannot be, a folder that holds another run, or numbers that are not finite;
 * DatasetError for data that cannot be trained on; the reason of `signal` when it aborts.
 */
export async function train(run: TrainingRun): Promise<TrainingResult> {
  const started = performance.now()
  const { runFolder, onEvent = () => {}, signal } = run
  const paths = runPaths(runFolder)
  const names = run.targets.map(({ name }) => name)
  const [name, crystals] =
    typeof run.data === 'string'
      ? [run.data, await loadDataset(run.data, { target: names })]
      : [run.data.name, run.data.crystals]
  const splits = splitDataset(crystals)
  const settings = run.resume
    ? await resumedSettings(run, crystals)
    : await newSettings(run, name, crystals, splits)
  const { model: config, training: options, targets: scaling } = settings

  const backend = await selectBackend(run.backend)
  checkTrainable(config, backend.name)
  const { geometry } = geometryOf(config, options.mode, { radius: options.radius ?? undefined })
  const feed = feedFor(config, geometry)
  const budget = { left: PREPARED_BYTES }
  const state = run.resume
    ? await loadCheckpoint(paths.checkpoint, config)
    : initialState(config, options.seed, options.epochs - options.swa_epochs, run.from)
  const engine = await engineFor(feed, config, geometry, options, backend.name === 'wasm' ? run.threads : 1)
  const context: FitContext = {
    config,
    options,
    scaling,
    feed,
    engine,
    train: preparedSet(splits.train, scaling, feed, budget),
    val: preparedSet(splits.val, scaling, feed, budget),
    hasWidths: run.from !== undefined,
    onEvent,
    signal,
  }
  try {
    if (run.resume) await truncateMetrics(paths.metrics, state.epoch)
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
    const chosen = await fitAndChoose(state, context, paths).catch(async (error) => {
      if (!(error instanceof DivergedError)) throw error
      const { best } = state
      await (best
        ? handOut('best', best.weights, splits, settings, paths)
        : handOut('last', await downloadWeights(state.parameters), splits, settings, paths))
      const which = best ? `the best weights before, of epoch ${best.epoch}` : 'the weights before that step'
      throw new TrainingError(`${error.message}. ${paths.weights} holds ${which}`, { cause: error })
    })
    const evaluated = await handOut(chosen.which, chosen.weights, splits, settings, paths)
    const seconds = (performance.now() - started) / 1000
    const history = await readMetrics(paths.metrics)
    onEvent({ type: 'end', exported: chosen.which, seconds, peakMemory: peakMemory() })
    return {
      ...{ runFolder, backend, config, options, targets: scaling },
      ...{ chosen, epochs: state.epoch, history, val: evaluated.val, test: evaluated.test, seconds },
    }
  } finally {
    disposeState(state)
    await engine.close()
  }
}

/** @throws TrainingError for a network whose gradient a backend is known to get wrong. */
function checkTrainable({ architecture }: ModelConfig, backend: BackendName): void {
  if (architecture !== 'crystalframer' || backend !== 'webgpu') return
  throw new TrainingError(
    'backend "webgpu": the gradient of a crystalframer is wrong there (with @tensorflow/tfjs-backend-webgpu 4.22.0); choose "wasm"',
  )
}

/** `threads` of them. The module of the threads is loaded only where there are several. */
async function engineFor(
  feed: Feed,
  config: ModelConfig,
  geometry: GeometrySpec,
  options: TrainingOptions,
  threads = 1,
): Promise<GradientEngine> {
  const local = localEngine(feed, config, options)
  if (threads === 1) return local
  const { threadedEngine } = await import('./threads/engine.ts')
  return threadedEngine(local, config, geometry, options, threads - 1)
}

/** Trains to the end, with a checkpoint after every epoch. */
async function fitAndChoose(
  state: TrainingState,
  context: FitContext,
  paths: RunPaths,
): Promise<ChosenWeights> {
  await fitEpochs(state, context, async (metrics) => {
    await appendMetrics(paths.metrics, metrics)
    await saveCheckpoint(paths.checkpoint, state)
  })
  return chooseWeights(state, context)
}

/** Evaluates weights on what they were not trained on, and writes them where an exporter looks for them. */
async function handOut(
  which: ChosenWeights['which'],
  weights: Weights,
  splits: SplitCrystals,
  settings: Settings,
  paths: RunPaths,
): Promise<RunEvaluation> {
  const { model, targets, training } = settings
  const errors = (crystals: readonly LabelledCrystal[]) =>
    crystals.length === 0 ? null : evaluate(weights, model, crystals, targets, training)
  const evaluated = { weights: which, val: await errors(splits.val), test: await errors(splits.test) }
  await writeWhole(paths.evaluation, JSON.stringify(evaluated))
  await writeRunWeights(paths.weights, weights, settings)
  return evaluated
}
