// The folder of a run: config.json (written once, before training), metrics.jsonl, checkpoint/, and at the end
// weights.safetensors, evaluation.json and report.html.

import { createHash } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { z } from 'zod'
import { type ModelConfig, modelConfig } from '../../models/config.ts'
import type { Mode } from '../../models/geometry.ts'
import { checkWeights } from '../../models/parameters.ts'
import { readSafetensors, type Weights, writeSafetensors } from '../../models/safetensors.ts'
import { formatLabelledCrystal, type LabelledCrystal, type TargetScaling } from '../data/index.ts'
import { TrainingError } from '../errors.ts'
import { writeWhole } from '../files.ts'
import type { Evaluation } from './evaluate.ts'
import { type TrainingOptions, trainingOptions } from './options.ts'

export interface RunPaths {
  readonly config: string
  readonly metrics: string
  readonly checkpoint: string
  readonly weights: string
  readonly evaluation: string
  readonly report: string
}

export function runPaths(folder: string): RunPaths {
  return {
    config: `${folder}/config.json`,
    metrics: `${folder}/metrics.jsonl`,
    checkpoint: `${folder}/checkpoint`,
    weights: `${folder}/weights.safetensors`,
    evaluation: `${folder}/evaluation.json`,
    report: `${folder}/report.html`,
  }
}

const FORMAT = 1
const count = z.number().int().min(0)
const scaling = z.strictObject({
  name: z.string(),
  unit: z.string(),
  mean: z.number(),
  std: z.number().positive(),
})
const data = z.strictObject({
  /** As given to the run: a file, or a title. */
  name: z.string(),
  /** Of every crystal with its split and targets, in order. */
  sha256: z.string(),
  train: count,
  val: count,
  test: count,
})
const schema = z.strictObject({
  format: z.literal(FORMAT),
  toolkit: z.string(),
  model: z.unknown().transform((value) => modelConfig(value)),
  training: z.unknown().transform((value) => trainingOptions(value)),
  targets: z.array(scaling).min(1),
  data,
})

/** What a run was started with; config.json. */
export interface RunConfig {
  readonly format: typeof FORMAT
  readonly toolkit: string
  readonly model: ModelConfig
  readonly training: TrainingOptions
  readonly targets: readonly TargetScaling[]
  readonly data: z.output<typeof data>
}

/** Whether a run was ever started in this folder. */
export async function hasRun(folder: string): Promise<boolean> {
  return access(runPaths(folder).config).then(
    () => true,
    () => false,
  )
}

export async function writeRunConfig(path: string, config: Omit<RunConfig, 'format'>): Promise<void> {
  await writeWhole(path, `${JSON.stringify({ format: FORMAT, ...config }, null, 2)}\n`)
}

/** @throws TrainingError when there is no such file or it is not a run's. */
export async function readRunConfig(path: string): Promise<RunConfig> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new TrainingError(`${path} is not there: not a run folder of train`, { cause })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new TrainingError(`${path} is not JSON: not a run folder of train`, { cause })
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new TrainingError(`${path}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
}

/** sha256, hex, over every crystal of a data set in order. */
export function dataHash(crystals: Iterable<LabelledCrystal>): string {
  const hash = createHash('sha256')
  for (const crystal of crystals) hash.update(`${formatLabelledCrystal(crystal)}\n`)
  return hash.digest('hex')
}

/** Weights with what is needed to use them beside it: configuration and scaling, as JSON in the file's metadata. */
export async function writeRunWeights(
  path: string,
  weights: Weights,
  run: Omit<RunConfig, 'format'>,
): Promise<void> {
  const metadata = {
    config: JSON.stringify(run.model),
    targets: JSON.stringify(run.targets),
    toolkit: run.toolkit,
  }
  await writeWhole(path, writeSafetensors(weights, metadata))
}

/** What an exporter needs of a finished run. */
export interface FinishedRun {
  readonly weights: Weights
  readonly config: ModelConfig
  readonly targets: readonly TargetScaling[]
  readonly mode: Mode
  /** The radius that the run was trained with, when it was given one. */
  readonly geometry: { readonly radius?: number }
  readonly training: { data: string; crystals: number; metrics: Record<string, number> }
}

/**
 * Reads the folder of a finished run.
 * @throws TrainingError when it is none, or training has not ended; WeightsError when its weights are damaged.
 */
export async function readRun(folder: string): Promise<FinishedRun> {
  const paths = runPaths(folder)
  const run = await readRunConfig(paths.config)
  let bytes: Uint8Array
  try {
    bytes = await readFile(paths.weights)
  } catch (cause) {
    throw new TrainingError(`${paths.weights} is not there: training has not ended; resume it first`, {
      cause,
    })
  }
  const { tensors } = readSafetensors(bytes, paths.weights)
  checkWeights(tensors, run.model)
  const { radius, mode } = run.training
  return {
    weights: tensors,
    config: run.model,
    targets: run.targets,
    mode,
    geometry: radius === null ? {} : { radius },
    training: { data: run.data.name, crystals: run.data.train, metrics: await readErrors(paths.evaluation) },
  }
}

/** evaluation.json: which weights were handed out, and their errors and predictions by split. */
export interface RunEvaluation {
  readonly weights: 'average' | 'best' | 'last'
  /** Null for a split without crystals. */
  readonly val: Evaluation | null
  readonly test: Evaluation | null
}

/** @throws TrainingError when the run has not ended. */
export async function readRunEvaluation(path: string): Promise<RunEvaluation> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as RunEvaluation
  } catch (cause) {
    throw new TrainingError(`${path} cannot be read: training has not ended; resume it first`, { cause })
  }
}

/** Errors of a finished run as metrics of a card: `test_mae_e_form` and so on. */
async function readErrors(path: string): Promise<Record<string, number>> {
  const bySplit = await readRunEvaluation(path)
  const metrics: Record<string, number> = {}
  for (const split of ['val', 'test'] as const) {
    for (const { name, mae, rmse } of bySplit[split]?.targets ?? []) {
      metrics[`${split}_mae_${name}`] = mae
      metrics[`${split}_rmse_${name}`] = rmse
    }
  }
  return metrics
}
