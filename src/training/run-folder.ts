// The folder of a run: config.json (written once, before training), metrics.jsonl, checkpoint/, and at the end
// weights.safetensors, domain.json, evaluation.json and report.html. Here are their names, and config.json.

import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { NetworkConfig } from '../../models/network.ts'
import { configure } from '../../models/registry.ts'
import type { TargetScaling } from '../data/scaling.ts'
import { TrainingError } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { TRANSFORMS } from '../math/transform.ts'
import { type TrainingOptions, trainingOptions } from './options.ts'
import { checkSeal, contentHash, sealed } from './seal.ts'

export interface RunPaths {
  readonly config: string
  readonly metrics: string
  readonly checkpoint: string
  readonly weights: string
  readonly domain: string
  readonly evaluation: string
  readonly report: string
  /** Of a sweep, which has its runs in folders of their own. */
  readonly sweep: string
}

export function runPaths(folder: string): RunPaths {
  return {
    config: `${folder}/config.json`,
    metrics: `${folder}/metrics.jsonl`,
    checkpoint: `${folder}/checkpoint`,
    weights: `${folder}/weights.safetensors`,
    domain: `${folder}/domain.json`,
    evaluation: `${folder}/evaluation.json`,
    report: `${folder}/report.html`,
    sweep: `${folder}/sweep.json`,
  }
}

/** Folder of a member of an ensemble. */
export function memberFolder(runFolder: string, member: number): string {
  return `${runFolder}/member-${member}`
}

const FORMAT = 1
const count = z.number().int().min(0)
/** One target with its scaling, as config.json and the metadata of weights.safetensors hold it. */
export const scalingSchema = z.strictObject({
  name: z.string(),
  unit: z.string(),
  mean: z.number(),
  std: z.number().positive(),
  transform: z.enum(TRANSFORMS).optional(),
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
  model: z.unknown().transform((value) => configure(value)),
  training: z.unknown().transform((value) => trainingOptions(value)),
  targets: z.array(scalingSchema).min(1),
  data,
  sha256: z.string().optional(),
})

/** What a run was started with; config.json. */
export interface RunConfig {
  readonly format: typeof FORMAT
  readonly toolkit: string
  readonly model: NetworkConfig
  readonly training: TrainingOptions
  readonly targets: readonly TargetScaling[]
  readonly data: z.output<typeof data>
}

/** The settings of a run, with the hash by which its other parts name them. */
export interface Settings extends Omit<RunConfig, 'format'> {
  readonly hash: string
  /** Whether config.json carries a seal: those of toolkits before there were seals do not. */
  readonly isSealed: boolean
}

export async function writeRunConfig(path: string, config: Omit<RunConfig, 'format'>): Promise<Settings> {
  const value = { format: FORMAT, ...config }
  await writeWhole(path, `${JSON.stringify(sealed(value), null, 2)}\n`)
  return { ...config, hash: contentHash(value), isSealed: true }
}

/** @throws TrainingError when there is no such file, it is not a run's, or was changed. */
export async function readRunConfig(path: string): Promise<Settings> {
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
  if (!parsed.success) {
    throw new TrainingError(`${path}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
  }
  checkSeal(path, value)
  const { format: _, sha256, ...settings } = parsed.data
  return { ...settings, hash: contentHash(value as object), isSealed: sha256 !== undefined }
}
