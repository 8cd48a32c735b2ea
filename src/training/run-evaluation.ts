// evaluation.json of a run: which weights were chosen, and their errors and predictions by split.

import { TrainingError } from '../errors.ts'
import { textIfThere, writeWhole } from '../files.ts'
import type { Evaluation } from './evaluate.ts'
import { checkSeal, sealed } from './seal.ts'

export interface RunEvaluation {
  readonly weights: 'average' | 'best' | 'last'
  /** Null for a split without crystals. */
  readonly val: Evaluation | null
  readonly test: Evaluation | null
  /** The run did not come to its end: the weights are from before. */
  readonly diverged?: true
  /** Hash of the settings, and seal of the weights that were evaluated; not in files of older toolkits. */
  readonly run?: string
  readonly weights_sha256?: string
}

export async function writeRunEvaluation(path: string, evaluation: RunEvaluation): Promise<void> {
  await writeWhole(path, JSON.stringify(sealed(evaluation)))
}

/** Undefined when there is none. @throws TrainingError for one that was changed, or is not JSON. */
export async function findRunEvaluation(path: string): Promise<RunEvaluation | undefined> {
  const text = await textIfThere(path)
  if (text === undefined) return undefined
  let value: RunEvaluation
  try {
    value = JSON.parse(text) as RunEvaluation
  } catch (cause) {
    throw new TrainingError(`${path} is not JSON; train with --resume writes it anew once it is deleted`, {
      cause,
    })
  }
  checkSeal(path, value)
  return { ...value, val: counted(value.val), test: counted(value.test) }
}

/** Files of older toolkits, whose crystals carry every target, count them once for all. */
function counted(evaluation: Evaluation | null): Evaluation | null {
  if (!evaluation) return null
  const unknown = { n: evaluation.n, standardised: null }
  return { ...evaluation, targets: evaluation.targets.map((target) => ({ ...unknown, ...target })) }
}

/** @throws TrainingError when the run has not ended. */
export async function readRunEvaluation(path: string): Promise<RunEvaluation> {
  const found = await findRunEvaluation(path)
  if (found) return found
  throw new TrainingError(`${path} is not there: training has not ended; resume it first`)
}
