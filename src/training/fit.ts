// The loop over epochs, and the choice of the weights that a run ends with. Not here: files, backends, data sets.

import type { Weights } from '../../models/safetensors.ts'
import type { DivergenceWatch } from './divergence.ts'
import { type FitContext, trainEpoch, validate } from './epoch.ts'
import type { EpochMetrics } from './events.ts'
import type { TrainingState } from './state.ts'
import { downloadWeights } from './tensors.ts'
import type { Validation } from './validation.ts'

/**
 * Trains from where `state` stands to the last epoch. `onEpoch` is awaited after each one, before it is announced:
 * the place to write a checkpoint.
 * @throws DivergedError
 */
export async function fitEpochs(
  state: TrainingState,
  context: FitContext,
  watch: DivergenceWatch,
  onEpoch: (metrics: EpochMetrics) => Promise<void>,
): Promise<void> {
  const { options, scaling, onEvent } = context
  const units = scaling.map(({ unit }) => unit)
  while (state.epoch < lastEpoch(state, context)) {
    const started = performance.now()
    const averaging = state.epoch >= state.averageFrom
    const summary = await trainEpoch(state, context)
    const validation = await validate(state.parameters, context)
    const averaged = averaging ? await validate(state.average.mean, context) : null
    state.epoch++
    state.averageValidation = averaged
    if (validation) await keepBest(state, validation)
    const stopped = !averaging && patienceIsOut(state, options.patience)
    if (stopped) state.averageFrom = state.epoch
    const metrics: EpochMetrics = {
      epoch: state.epoch,
      phase: averaging ? 'average' : 'train',
      steps: state.optimiser.steps,
      loss: summary.loss,
      grad_norm: summary.gradNorm,
      learning_rate: summary.learningRate,
      val_mae: validation?.mae ?? null,
      val_error: validation?.error ?? null,
      average_val_mae: averaged?.mae ?? null,
      average_val_error: averaged?.error ?? null,
      seconds: (performance.now() - started) / 1000,
      peak_memory_mb: peakMemory(),
    }
    await onEpoch(metrics)
    onEvent({ type: 'epoch', metrics, epochs: lastEpoch(state, context), units })
    watch.epoch(metrics)
    if (stopped) onEvent({ type: 'early-stop', epoch: state.epoch, epochs: lastEpoch(state, context) })
  }
}

/** Largest resident memory of the process so far, threads and native libraries included, MB; 0 in a page, which is not told. */
export function peakMemory(): number {
  const { maxRSS } = globalThis.process?.resourceUsage?.() ?? { maxRSS: 0 }
  return Math.round(maxRSS / 1024)
}

/** Epochs in total, those of averaging included. */
export function lastEpoch(state: TrainingState, { options }: Pick<FitContext, 'options'>): number {
  return state.averageFrom + options.swa_epochs
}

async function keepBest(state: TrainingState, validation: Validation): Promise<void> {
  if (state.best && validation.error >= state.best.validation.error) return
  state.best = { epoch: state.epoch, validation, weights: await downloadWeights(state.parameters) }
}

function patienceIsOut({ best, epoch, averageFrom }: TrainingState, patience: number | null): boolean {
  return patience !== null && best !== undefined && epoch < averageFrom && epoch - best.epoch >= patience
}

/** The weights that a run ends with, and what else there was to choose from. */
export interface ChosenWeights {
  /** `average`: the averaged weights. `best`: those of the epoch with the smallest validation error. `last`: no choice. */
  readonly which: 'average' | 'best' | 'last'
  /** By name. */
  readonly weights: Weights
  /** The averaged weights; null where none were averaged. */
  readonly average: {
    /** that were averaged over */
    readonly steps: number
    /** mean absolute error on the validation split, of each target in its unit; null without one */
    readonly valMae: readonly (number | null)[] | null
  } | null
  /** The epoch with the smallest validation error; null without a validation split. */
  readonly best: {
    /** from 1 */
    readonly epoch: number
    /** mean absolute error on the validation split, of each target in its unit */
    readonly valMae: readonly (number | null)[]
  } | null
}

/** What there is to choose from, of a state or of its checkpoint. */
interface Choice {
  readonly averageSteps: number
  readonly average: Pick<Validation, 'error'> | null
  readonly best: Pick<Validation, 'error'> | undefined | null
}

/**
 * The averaged weights, unless there are none or those of the best epoch do better on the validation split. The
 * published numbers are the averaged weights'.
 */
export function whichWeights({ averageSteps, average, best }: Choice): ChosenWeights['which'] {
  const averageWins = !average || !best || average.error <= best.error
  if (averageSteps > 0 && averageWins) return 'average'
  return best ? 'best' : 'last'
}

/** The weights that a run ends with, and their errors on the validation split. */
export async function chooseWeights(
  state: TrainingState,
  context: FitContext,
): Promise<ChosenWeights & { readonly validation: Validation | null }> {
  const { best, average } = state
  const averaged = average.count > 0
  // A checkpoint of an older toolkit does not hold the errors of the average.
  const ofAverage = averaged ? (state.averageValidation ?? (await validate(average.mean, context))) : null
  const choice = { averageSteps: average.count, average: ofAverage, best: best?.validation }
  const which = whichWeights(choice)
  const tensors = which === 'average' ? average.mean : state.parameters
  return {
    which,
    weights: which === 'best' ? best!.weights : await downloadWeights(tensors),
    average: averaged ? { steps: average.count, valMae: ofAverage?.mae ?? null } : null,
    best: best ? { epoch: best.epoch, valMae: best.validation.mae } : null,
    validation: (which === 'average' ? ofAverage : best?.validation) ?? null,
  }
}
