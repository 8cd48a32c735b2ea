// The one entry to training: data in, a run folder with weights out.

import { mkdir } from 'node:fs/promises'
import { type ModelConfig, modelConfig } from '../../models/config.ts'
import { geometryOf } from '../../models/geometry.ts'
import { parameterShapes } from '../../models/parameters.ts'
import type { Weights } from '../../models/safetensors.ts'
import {
  fitScaling,
  type LabelledCrystal,
  loadDataset,
  type SplitCrystals,
  splitDataset,
  type TargetScaling,
} from '../data/index.ts'
import { TrainingError } from '../errors.ts'
import { VERSION } from '../version.ts'
import { type BackendName, type SelectedBackend, selectBackend } from './backend/select.ts'
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts'
import type { FitContext } from './epoch.ts'
import { type Evaluation, evaluate } from './evaluate.ts'
import type { EpochMetrics, OnEvent } from './events.ts'
import { feedFor } from './feed.ts'
import { writeWhole } from './files.ts'
import { type ChosenWeights, chooseWeights, fitEpochs, lastEpoch } from './fit.ts'
import { appendMetrics, readMetrics, truncateMetrics } from './metrics.ts'
import { type TrainingOptions, type TrainingOptionsInput, trainingOptions } from './options.ts'
import { PREPARED_BYTES, preparedSet } from './prepared.ts'
import {
  dataHash,
  type RunConfig,
  readRunConfig,
  runPaths,
  writeRunConfig,
  writeRunWeights,
} from './runFolder.ts'
import { disposeState, initialState } from './state.ts'

export interface TrainingRun {
  /** A data file of labelled crystals, or the crystals themselves under a title. */
  readonly data: string | { readonly name: string; readonly crystals: readonly LabelledCrystal[] }
  readonly targets: readonly { readonly name: string; readonly unit: string }[]
  /** Hyper-parameters of the network; num_targets follows from `targets`. Default: the published ones. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Default: the published ones. */
  readonly options?: TrainingOptionsInput
  /** Made when it is not there. */
  readonly runFolder: string
  /** Go on with the run in `runFolder`; config, options and targets are then those it was started with. */
  readonly resume?: boolean
  /** Default 'auto'. */
  readonly backend?: 'auto' | BackendName
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
  /** The weights that were written to weights.safetensors. */
  readonly weights: Weights
  readonly chosen: Omit<ChosenWeights, 'weights'>
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
  const sha256 = dataHash(crystals)
  const settings = run.resume
    ? await resumedSettings(run, sha256)
    : await newSettings(run, name, splits, sha256)
  const { model: config, training: options, targets: scaling } = settings

  const backend = await selectBackend(run.backend)
  const { geometry } = geometryOf(config, options.mode, { radius: options.radius ?? undefined })
  const feed = feedFor(config, geometry)
  const budget = { left: PREPARED_BYTES }
  const context: FitContext = {
    config,
    options,
    scaling,
    feed,
    train: preparedSet(splits.train, scaling, feed, budget),
    val: preparedSet(splits.val, scaling, feed, budget),
    onEvent,
    signal,
  }
  const state = run.resume
    ? await loadCheckpoint(paths.checkpoint, config)
    : initialState(config, options.seed, options.epochs - options.swa_epochs)
  try {
    if (run.resume) await truncateMetrics(paths.metrics, state.epoch)
    onEvent({
      type: 'start',
      backend,
      parameters: countParameters(config),
      train: splits.train.length,
      val: splits.val.length,
      test: splits.test.length,
      epochs: lastEpoch(state, context),
      done: state.epoch,
    })
    await fitEpochs(state, context, async (metrics) => {
      await appendMetrics(paths.metrics, metrics)
      await saveCheckpoint(paths.checkpoint, state)
    })
    const { weights, ...chosen } = await chooseWeights(state, context)
    const evaluated = {
      val: await evaluateSplit(splits.val, weights, settings),
      test: await evaluateSplit(splits.test, weights, settings),
    }
    await writeWhole(paths.evaluation, JSON.stringify(evaluated))
    await writeRunWeights(paths.weights, weights, settings)
    const seconds = (performance.now() - started) / 1000
    const history = await readMetrics(paths.metrics)
    const result = {
      runFolder,
      backend,
      config,
      options,
      targets: scaling,
      weights,
      chosen,
      epochs: state.epoch,
    }
    onEvent({ type: 'end', exported: chosen.which, seconds })
    return { ...result, ...evaluated, history, seconds }
  } finally {
    disposeState(state)
  }
}

type Settings = Omit<RunConfig, 'format'>

async function newSettings(
  run: TrainingRun,
  name: string,
  splits: SplitCrystals,
  sha256: string,
): Promise<Settings> {
  if (run.targets.length === 0)
    throw new TrainingError('no target to train on; name one property of the data')
  const config = modelConfig({ ...run.config, num_targets: run.targets.length })
  const options = trainingOptions(run.options)
  const paths = runPaths(run.runFolder)
  await mkdir(run.runFolder, { recursive: true })
  if ((await readMetrics(paths.metrics)).length > 0) {
    throw new TrainingError(`${run.runFolder} holds a run already; resume it, or choose another folder`)
  }
  const settings = {
    toolkit: VERSION,
    model: config,
    training: options,
    targets: fitScaling(splits.train, run.targets),
    data: {
      name,
      sha256,
      train: splits.train.length,
      val: splits.val.length,
      test: splits.test.length,
    },
  }
  await writeRunConfig(paths.config, settings)
  return settings
}

/** The settings that the run was started with. @throws TrainingError when the data or a given setting differs. */
async function resumedSettings(run: TrainingRun, sha256: string): Promise<Settings> {
  const path = runPaths(run.runFolder).config
  const settings = await readRunConfig(path)
  if (settings.data.sha256 !== sha256) {
    throw new TrainingError(`the data is not that of ${path} (its sha256 differs); resume with the same data`)
  }
  const given = { ...run.config, ...run.options } as Record<string, unknown>
  const stored = { ...settings.model, ...settings.training } as Record<string, unknown>
  for (const [key, value] of Object.entries(given)) {
    if (JSON.stringify(value) === JSON.stringify(stored[key])) continue
    throw new TrainingError(
      `${key} is ${JSON.stringify(value)}, the run in ${run.runFolder} was started with ` +
        `${JSON.stringify(stored[key])}; leave it out to resume, or start a new run`,
    )
  }
  return settings
}

async function evaluateSplit(
  crystals: readonly LabelledCrystal[],
  weights: Weights,
  { model, targets, training }: Settings,
): Promise<Evaluation | null> {
  return crystals.length === 0 ? null : evaluate(weights, model, crystals, targets, training)
}

function countParameters(config: ModelConfig): number {
  return [...parameterShapes(config).values()]
    .map((shape) => shape.reduce((product, size) => product * size, 1))
    .reduce((sum, size) => sum + size, 0)
}
