// A training that diverged to finite numbers, told by the error of always answering the mean of the training targets,
// which is known before the first step. Healthy runs start at about that error and fall.

import type { TargetScaling } from '../data/scaling.ts'
import { TrainingError } from '../errors.ts'
import { mean } from '../math/mean.ts'
import type { EpochMetrics, OnEvent } from './events.ts'
import type { TrainingOptions } from './options.ts'
import type { PreparedSet } from './prepared.ts'
import { storedValidation, type Validation } from './validation.ts'

/** Loss or gradient is not a finite number, or errors are beyond all reason. */
export class DivergedError extends TrainingError {}

/** Errors of a network beyond so many times that of the mean … */
const BEYOND = 10
/** … after so many epochs in a row: a single one may be a spike that passes. */
const EPOCHS_BEYOND = 2
/** Epochs in a row no better than the mean that are worth a warning. */
const EPOCHS_WORSE = 5
/** What networks of these sizes train at, where a tenth of the rate is still more. */
const USUAL_RATE = 3e-3

/** A learning rate to try after one that was too large. */
export function rateToTry(rate: number): string {
  return String(Number(Math.min(rate / 10, USUAL_RATE).toPrecision(1)))
}

export interface DivergenceWatch {
  /** Told of every epoch in order. @throws DivergedError */
  readonly epoch: (metrics: EpochMetrics) => void
  /** Told at the end of the error of the weights that were chosen. @throws DivergedError */
  readonly end: (validation: Validation | null) => void
}

/**
 * Errors on the validation split are measured by those of the mean on it or on train, whichever is larger: a handful of
 * crystals may lie at the mean. Without the split it is the loss that is measured.
 * @param before errors of a network that goes on with all its layers, which may begin far off, where that is known
 */
export function watchDivergence(
  train: Pick<PreparedSet, 'standardised'>,
  val: Pick<PreparedSet, 'standardised'>,
  scaling: readonly TargetScaling[],
  options: Pick<TrainingOptions, 'loss' | 'learning_rate'>,
  onEvent: OnEvent,
  before: Validation | null = null,
): DivergenceWatch {
  const size = (values: Float32Array) => mean(labelsOf(values).map(Math.abs))
  const ofVal = val.standardised.length > 0 ? size(val.standardised) : 0
  const ofMean = Math.max(size(train.standardised), ofVal, before?.error ?? 0)
  const crystals = train.standardised.length / scaling.length
  const lossOfMean = sumOfLosses(labelsOf(train.standardised), options.loss) / crystals
  let last = 0
  let beyond = 0
  let worse = 0
  const diverged = (times: number, when: string) =>
    new DivergedError(
      `the error is ${times.toPrecision(2)} times that of always answering the mean of the training targets ${when}: the ` +
        `training diverged; train anew with a learning_rate of ${rateToTry(options.learning_rate)}`,
    )
  return {
    epoch: ({ epoch, val_mae, val_error, loss }) => {
      const validation = storedValidation(val_mae, val_error, scaling)
      last = validation ? validation.error / ofMean : asError(loss / lossOfMean, options.loss)
      beyond = last > BEYOND ? beyond + 1 : 0
      worse = last > 1 ? worse + 1 : 0
      if (beyond >= EPOCHS_BEYOND) throw diverged(last, `after epoch ${epoch}`)
      if (worse !== EPOCHS_WORSE) return
      const message =
        `epoch ${epoch}: for ${EPOCHS_WORSE} epochs no better than always answering the mean of the training targets; if ` +
        `that goes on, try a learning_rate of ${rateToTry(options.learning_rate)}`
      onEvent({ type: 'warning', message })
    },
    end: (validation) => {
      const times = validation ? validation.error / ofMean : last
      if (times > BEYOND) throw diverged(times, 'at the end')
    },
  }
}

/** Those that are there: what is missing is NaN. */
function labelsOf(standardised: Float32Array): Float32Array {
  return standardised.filter((y) => !Number.isNaN(y))
}

/** Of the answer 0 on standardised targets. */
function sumOfLosses(standardised: Float32Array, loss: TrainingOptions['loss']): number {
  const of = {
    l1: (y: number) => Math.abs(y),
    mse: (y: number) => y * y,
    smooth_l1: (y: number) => (Math.abs(y) < 1 ? (y * y) / 2 : Math.abs(y) - 0.5),
  }[loss]
  return standardised.reduce((sum, y) => sum + of(y), 0)
}

/** A ratio of losses as one of errors. */
function asError(ratio: number, loss: TrainingOptions['loss']): number {
  return loss === 'mse' ? Math.sqrt(ratio) : ratio
}
