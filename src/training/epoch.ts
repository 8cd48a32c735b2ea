// One epoch: optimiser steps over shuffled batches, then the errors on the validation split.

import * as tf from '@tensorflow/tfjs-core'
import type { ModelConfig } from '../../models/config.ts'
import type { TargetScaling } from '../data/index.ts'
import { TrainingError } from '../errors.ts'
import { epochBatches } from './batches.ts'
import { evaluation, predict } from './evaluate.ts'
import type { OnEvent } from './events.ts'
import type { Feed } from './feed.ts'
import type { TrainingOptions } from './options.ts'
import type { PreparedSet } from './prepared.ts'
import { learningRate } from './schedule.ts'
import type { TrainingState } from './state.ts'
import { optimiserStep, setGaussScales } from './step.ts'
import { addToAverage } from './swa.ts'
import type { TensorMap } from './tensors.ts'

/** Loss or gradient is not a finite number. */
export class DivergedError extends TrainingError {}

/** What stays the same over a run. */
export interface FitContext {
  readonly config: ModelConfig
  readonly options: TrainingOptions
  readonly scaling: readonly TargetScaling[]
  readonly feed: Feed
  readonly train: PreparedSet
  readonly val: PreparedSet
  readonly onEvent: OnEvent
  readonly signal: AbortSignal | undefined
}

export interface EpochSummary {
  readonly loss: number
  readonly gradNorm: number
  readonly learningRate: number
}

/**
 * Runs epoch `state.epoch` and changes the state in place, `state.epoch` excepted.
 * @throws DivergedError when loss or gradient is not finite; that step is not taken.
 */
export async function trainEpoch(state: TrainingState, context: FitContext): Promise<EpochSummary> {
  const { config, options, feed, train, onEvent, signal } = context
  const epoch = state.epoch + 1
  const averaging = state.epoch >= state.averageFrom
  const batches = epochBatches(
    train.sizes,
    options.batch_size,
    options.max_batch_atoms,
    options.seed,
    state.epoch,
  )
  if (averaging) state.averageStep ??= state.optimiser.steps
  const horizon = batches.length * (options.epochs - options.swa_epochs)
  let loss = 0
  let norm = 0
  let rate = 0
  for (const [n, indices] of batches.entries()) {
    signal?.throwIfAborted()
    const batch = feed.upload(indices.map(train.at))
    const targets = standardisedBatch(train, indices, context.scaling.length)
    try {
      if (state.optimiser.steps === 0) setGaussScales(state.parameters, batch, config)
      rate = learningRate(options, state.averageStep ?? state.optimiser.steps, horizon)
      const step = await optimiserStep(
        state.parameters,
        state.optimiser,
        batch,
        targets,
        config,
        options,
        rate,
      )
      if (!Number.isFinite(step.loss) || !Number.isFinite(step.gradNorm)) {
        const ids = indices.map((index) => train.crystals[index].id)
        throw diverged(step, epoch, n + 1, ids, rate)
      }
      if (averaging) addToAverage(state.average, state.parameters)
      loss += step.loss / batches.length
      norm += step.gradNorm / batches.length
      onEvent({
        type: 'step',
        epoch,
        step: n + 1,
        steps: batches.length,
        ...step,
        learningRate: rate,
      })
    } finally {
      batch.dispose()
      targets.dispose()
    }
  }
  return { loss, gradNorm: norm, learningRate: rate }
}

/** MAE of each target on the validation split; null without one. */
export async function validate(
  parameters: TensorMap,
  { config, scaling, feed, val }: FitContext,
): Promise<number[] | null> {
  if (val.crystals.length === 0) return null
  const predicted = await predict(parameters, config, val, scaling, feed)
  return evaluation(val, scaling, predicted).targets.map(({ mae }) => mae)
}

function standardisedBatch(set: PreparedSet, indices: readonly number[], width: number): tf.Tensor2D {
  const values = new Float32Array(indices.length * width)
  indices.forEach((index, c) => {
    values.set(set.standardised.subarray(index * width, (index + 1) * width), c * width)
  })
  return tf.tensor2d(values, [indices.length, width])
}

function diverged(
  step: { loss: number; gradNorm: number },
  epoch: number,
  n: number,
  ids: readonly string[],
  rate: number,
): DivergedError {
  const what = Number.isFinite(step.loss)
    ? `the gradient norm is ${step.gradNorm}`
    : `the loss is ${step.loss}`
  const shown = ids.length > 4 ? `${ids.slice(0, 4).join(', ')} and ${ids.length - 4} more` : ids.join(', ')
  return new DivergedError(
    `${what} at step ${n} of epoch ${epoch} (crystals ${shown}); train anew with a learning_rate below ` +
      rate.toPrecision(2),
  )
}
