// A training state on disk, so that a run goes on where it was stopped, as if it had not been. Tensors and the JSON
// that names them change together: the tensors get a file of their own first, and the JSON, renamed into place, is what
// makes them count. A process killed at any moment leaves the checkpoint before, whole.

import { access, readdir, readFile, rm } from 'node:fs/promises'
import { z } from 'zod'
import type { ModelConfig } from '../../models/config.ts'
import { checkWeights, isTrainable } from '../../models/parameters.ts'
import {
  readSafetensors,
  type Weights,
  type WeightTensor,
  writeSafetensors,
} from '../../models/safetensors.ts'
import { CrystalOnnxError, TrainingError } from '../errors.ts'
import { makeFolder, writeWhole } from '../files.ts'
import type { TrainingState } from './state.ts'
import { downloadWeights, uploadWeights } from './tensors.ts'

const FORMAT = 1
const STATE_FILE = 'state.json'
const count = z.number().int().min(0)

const schema = z.strictObject({
  format: z.literal(FORMAT),
  /** File of this folder that holds the tensors. */
  tensors: z.string().regex(/^epoch-\d+\.safetensors$/),
  epoch: count,
  steps: count,
  average_from: count,
  average_step: count.nullable(),
  averaged_steps: count,
  best: z.strictObject({ epoch: count, error: z.number(), mae: z.array(z.number()) }).nullable(),
})

/** Groups of tensors in the file; a name is group/parameter. */
const GROUPS = ['parameters', 'first', 'second', 'average', 'best'] as const
type Group = (typeof GROUPS)[number]

/** Writes the state into `folder` (made when it is not there). */
export async function saveCheckpoint(folder: string, state: TrainingState): Promise<void> {
  await makeFolder(folder)
  const groups: Record<Group, Weights> = {
    parameters: await downloadWeights(state.parameters),
    first: await downloadWeights(state.optimiser.first),
    second: await downloadWeights(state.optimiser.second),
    average: await downloadWeights(state.average.mean),
    best: state.best?.weights ?? new Map(),
  }
  const tensors = `epoch-${state.epoch}.safetensors`
  const named = GROUPS.flatMap((group) =>
    [...groups[group]].map(([name, tensor]): [string, WeightTensor] => [`${group}/${name}`, tensor]),
  )
  await writeWhole(`${folder}/${tensors}`, writeSafetensors(new Map(named)))
  const json: z.input<typeof schema> = {
    format: FORMAT,
    tensors,
    epoch: state.epoch,
    steps: state.optimiser.steps,
    average_from: state.averageFrom,
    average_step: state.averageStep,
    averaged_steps: state.average.count,
    best: state.best ? { epoch: state.best.epoch, error: state.best.error, mae: [...state.best.mae] } : null,
  }
  await writeWhole(`${folder}/${STATE_FILE}`, `${JSON.stringify(json, null, 2)}\n`)
  // Also what a killed process left half written.
  for (const name of await readdir(folder)) {
    if (name !== tensors && name !== STATE_FILE) await rm(`${folder}/${name}`, { force: true })
  }
}

/** Whether a whole state was ever saved here. */
export async function hasCheckpoint(folder: string): Promise<boolean> {
  return access(`${folder}/${STATE_FILE}`).then(
    () => true,
    () => false,
  )
}

/**
 * The state that was saved last, on the current backend.
 * @throws TrainingError when there is none, or it is damaged, or belongs to another network.
 */
export async function loadCheckpoint(folder: string, config: ModelConfig): Promise<TrainingState> {
  const json = await readState(folder)
  const groups = await readTensors(`${folder}/${json.tensors}`, config)
  return {
    parameters: uploadWeights(groups.parameters),
    optimiser: {
      first: uploadWeights(groups.first),
      second: uploadWeights(groups.second),
      steps: json.steps,
    },
    average: { mean: uploadWeights(groups.average), count: json.averaged_steps },
    best: json.best ? { ...json.best, weights: groups.best } : undefined,
    epoch: json.epoch,
    averageFrom: json.average_from,
    averageStep: json.average_step,
  }
}

async function readState(folder: string): Promise<z.output<typeof schema>> {
  const path = `${folder}/${STATE_FILE}`
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new TrainingError(`${path} is not there: no epoch of this run was finished; start it anew`, {
      cause,
    })
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new TrainingError(`${path} is no checkpoint of this version; start the run anew`, { cause })
  }
}

async function readTensors(path: string, config: ModelConfig): Promise<Record<Group, Weights>> {
  const groups = Object.fromEntries(
    GROUPS.map((group) => [group, new Map<string, WeightTensor>()]),
  ) as Record<Group, Map<string, WeightTensor>>
  try {
    const { tensors } = readSafetensors(await readFile(path), path)
    for (const [name, tensor] of tensors) {
      const slash = name.indexOf('/')
      const group = GROUPS.find((known) => known === name.slice(0, slash))
      if (!group) throw new TrainingError(`tensor ${name} belongs to none of ${GROUPS.join(', ')}`)
      groups[group].set(name.slice(slash + 1), tensor)
    }
    checkWeights(groups.parameters, config)
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
