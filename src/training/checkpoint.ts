// A training state on disk, so that a run goes on where it was stopped, as if it had not been. Tensors and the JSON
// that names them change together: the tensors get a file of their own first, and the JSON, renamed into place, is what
// makes them count. A process killed at any moment leaves the checkpoint before, whole.

import { readdir, readFile, rm } from 'node:fs/promises'
import { z } from 'zod'
import type { NetworkConfig } from '../../models/network.ts'
import { checkWeights, networkOf } from '../../models/registry.ts'
import {
  readSafetensors,
  type Weights,
  type WeightTensor,
  writeSafetensors,
} from '../../models/safetensors.ts'
import { CrystalOnnxError, TrainingError } from '../errors.ts'
import { makeFolder, textIfThere, writeWhole } from '../files.ts'
import type { Settings } from './run-folder.ts'
import { checkBelongs, checkSeal, sealed, sha256 } from './seal.ts'
import type { TrainingState } from './state.ts'
import { downloadWeights, uploadWeights } from './tensors.ts'
import { storedValidation } from './validation.ts'

const FORMAT = 1
const STATE_FILE = 'state.json'
const NOT_ITS_TENSORS = `its sha256 is not the one in ${STATE_FILE}`
const count = z.number().int().min(0)
const maes = z.array(z.number().nullable())

const schema = z.strictObject({
  format: z.literal(FORMAT),
  /** File of this folder that holds the tensors. */
  tensors: z.string().regex(/^epoch-\d+\.safetensors$/),
  epoch: count,
  steps: count,
  average_from: count,
  average_step: count.nullable(),
  averaged_steps: count,
  /** Validation errors of the averaged weights; missing in files of older toolkits. */
  average_mae: maes.nullable().default(null),
  average_error: z.number().nullable().default(null),
  best: z.strictObject({ epoch: count, error: z.number(), mae: maes }).nullable(),
  /** Hash of the settings that the state belongs to, hash of the tensors, and of the rest (seal.ts); missing likewise. */
  run: z.string().optional(),
  tensors_sha256: z.string().optional(),
  sha256: z.string().optional(),
})

/** What state.json says. */
export type Checkpoint = z.output<typeof schema>

/** Groups of tensors in the file; a name is group/parameter. */
const GROUPS = ['parameters', 'first', 'second', 'average', 'best'] as const
type Group = (typeof GROUPS)[number]

/** Writes the state into `folder` (made when it is not there). @param run hash of the settings it belongs to */
export async function saveCheckpoint(folder: string, state: TrainingState, run: string): Promise<void> {
  await makeFolder(folder)
  const { best, averageValidation } = state
  const groups: Record<Group, Weights> = {
    parameters: await downloadWeights(state.parameters),
    first: await downloadWeights(state.optimiser.first),
    second: await downloadWeights(state.optimiser.second),
    average: await downloadWeights(state.average.mean),
    best: best?.weights ?? new Map(),
  }
  const tensors = `epoch-${state.epoch}.safetensors`
  const named = GROUPS.flatMap((group) =>
    [...groups[group]].map(([name, tensor]): [string, WeightTensor] => [`${group}/${name}`, tensor]),
  )
  const bytes = writeSafetensors(new Map(named))
  await writeWhole(`${folder}/${tensors}`, bytes)
  const json: z.input<typeof schema> = {
    format: FORMAT,
    tensors,
    epoch: state.epoch,
    steps: state.optimiser.steps,
    average_from: state.averageFrom,
    average_step: state.averageStep,
    averaged_steps: state.average.count,
    average_mae: averageValidation && [...averageValidation.mae],
    average_error: averageValidation?.error ?? null,
    best: best ? { epoch: best.epoch, error: best.validation.error, mae: [...best.validation.mae] } : null,
    run,
    tensors_sha256: sha256(bytes),
  }
  await writeWhole(`${folder}/${STATE_FILE}`, `${JSON.stringify(sealed(json), null, 2)}\n`)
  // Also what a killed process left half written.
  for (const name of await readdir(folder)) {
    if (name !== tensors && name !== STATE_FILE) await rm(`${folder}/${name}`, { force: true })
  }
}

/**
 * The state that was saved last, on the current backend.
 * @param settings of the run
 * @throws TrainingError when there is none, it is damaged or changed, or belongs to another run.
 */
export async function loadCheckpoint(
  folder: string,
  { model: config, targets: scaling, hash: run }: Settings,
): Promise<TrainingState> {
  const json = await readCheckpoint(folder, run)
  const groups = await readTensors(folder, json, config)
  return {
    parameters: uploadWeights(groups.parameters),
    optimiser: {
      first: uploadWeights(groups.first),
      second: uploadWeights(groups.second),
      steps: json.steps,
    },
    average: { mean: uploadWeights(groups.average), count: json.averaged_steps },
    averageValidation: storedValidation(json.average_mae, json.average_error, scaling),
    best: json.best
      ? {
          epoch: json.best.epoch,
          validation: { mae: json.best.mae, error: json.best.error },
          weights: groups.best,
        }
      : undefined,
    epoch: json.epoch,
    averageFrom: json.average_from,
    averageStep: json.average_step,
  }
}

/** The three weights that a checkpoint holds, without a backend; those it does not hold are empty. */
export async function checkpointWeights(
  folder: string,
  checkpoint: Checkpoint,
  config: NetworkConfig,
): Promise<Readonly<Record<'average' | 'best' | 'last', Weights>>> {
  const { average, best, parameters } = await readTensors(folder, checkpoint, config)
  return { average, best, last: parameters }
}

/** state.json; undefined when no epoch was ever finished. @throws TrainingError as loadCheckpoint. */
export async function findCheckpoint(folder: string, run: string): Promise<Checkpoint | undefined> {
  const path = `${folder}/${STATE_FILE}`
  const text = await textIfThere(path)
  if (text === undefined) return undefined
  let state: Checkpoint
  try {
    const value: unknown = JSON.parse(text)
    state = schema.parse(value)
    checkSeal(path, value)
  } catch (cause) {
    if (cause instanceof TrainingError) throw cause
    throw new TrainingError(`${path} is no checkpoint of this version; start the run anew`, { cause })
  }
  checkBelongs(path, state.run, 'config.json beside it', run)
  return state
}

/**
 * Of a run that has ended and needs its checkpoint no more: tensors that are there are those that state.json names.
 * @throws TrainingError when they were changed
 */
export async function checkTensors(folder: string, { tensors, tensors_sha256 }: Checkpoint): Promise<void> {
  const path = `${folder}/${tensors}`
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (!bytes || tensors_sha256 === undefined || sha256(bytes) === tensors_sha256) return
  throw new TrainingError(`${path}: the checkpoint is damaged (${NOT_ITS_TENSORS}); restore it or delete it`)
}

async function readCheckpoint(folder: string, run: string): Promise<Checkpoint> {
  const found = await findCheckpoint(folder, run)
  if (found) return found
  throw new TrainingError(
    `${folder}/${STATE_FILE} is not there: no epoch of this run was finished; start it anew`,
  )
}

async function readTensors(
  folder: string,
  { tensors: name, tensors_sha256 }: Checkpoint,
  config: NetworkConfig,
): Promise<Record<Group, Weights>> {
  const path = `${folder}/${name}`
  const groups = Object.fromEntries(
    GROUPS.map((group) => [group, new Map<string, WeightTensor>()]),
  ) as Record<Group, Map<string, WeightTensor>>
  try {
    const bytes = await readFile(path)
    if (tensors_sha256 !== undefined && sha256(bytes) !== tensors_sha256) {
      throw new TrainingError(NOT_ITS_TENSORS)
    }
    const { tensors } = readSafetensors(bytes, path)
    for (const [name, tensor] of tensors) {
      const slash = name.indexOf('/')
      const group = GROUPS.find((known) => known === name.slice(0, slash))
      if (!group) throw new TrainingError(`tensor ${name} belongs to none of ${GROUPS.join(', ')}`)
      groups[group].set(name.slice(slash + 1), tensor)
    }
    checkWeights(groups.parameters, config)
    const { isTrainable } = networkOf(config)
    for (const name of groups.parameters.keys()) {
      if (isTrainable(name) !== groups.first.has(name) || isTrainable(name) !== groups.second.has(name)) {
        throw new TrainingError(`the optimiser's moments of ${name} do not fit`)
      }
    }
  } catch (cause) {
    const message = cause instanceof CrystalOnnxError ? cause.message : String(cause)
    throw new TrainingError(`${path}: the checkpoint is damaged (${message}); start the run anew`, { cause })
  }
  return groups
}
