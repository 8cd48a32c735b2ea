// One epoch: optimiser steps over shuffled batches, then the errors on the validation split.

import type { NetworkConfig } from '../../models/network.ts'
import type { TargetScaling } from '../data/scaling.ts'
import type { Engine } from '../engines/engine.ts'
import type { Feed } from '../engines/feed.ts'
import type { FedCrystal } from '../engines/preparation.ts'
import { epochBatches } from './batches.ts'
import { DivergedError, rateToTry } from './divergence.ts'
import { errorsOf, predict, valuesOf } from './evaluate.ts'
import type { OnEvent } from './events.ts'
import { type GradientSource, stepGradients } from './gradients.ts'
import { type MicroBatchLimits, microBatchesOf } from './micro-batches.ts'
import type { TrainingOptions } from './options.ts'
import type { PreparedSet } from './prepared.ts'
import { learningRate } from './schedule.ts'
import type { TrainingState } from './state.ts'
import { optimiserStep, setStatistics } from './step.ts'
import { addToAverage } from './swa.ts'
import type { TensorMap } from './tensors.ts'
import { type Validation, validationOf } from './validation.ts'

/** What stays the same over a run. */
export interface FitContext {
  readonly config: NetworkConfig
  readonly options: TrainingOptions
  readonly scaling: readonly TargetScaling[]
  readonly engine: Engine
  readonly feed: Feed
  readonly gradients: GradientSource
  readonly train: PreparedSet
  readonly val: PreparedSet
  /** whether the weights of step 0 come with their gauss_scale */
  readonly hasWidths: boolean
  /** whether the last layer of step 0 was trained before */
  readonly keepsHead: boolean
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
  const { options, engine, train, onEvent, signal } = context
  const epoch = state.epoch + 1
  const averaging = state.epoch >= state.averageFrom
  const batchSize = options.batch_size * options.accumulate
  const batches = epochBatches(train.length, batchSize, options.seed, state.epoch)
  const limits = microBatchLimits(context)
  if (averaging) state.averageStep ??= state.optimiser.steps
  const horizon = batches.length * (options.epochs - options.swa_epochs)
  let loss = 0
  let norm = 0
  let rate = 0
  let n = -1
  for await (const crystals of train.batches(batches)) {
    const indices = batches[++n]
    signal?.throwIfAborted()
    const batch = { crystals, targets: standardised(train, indices) }
    if (state.optimiser.steps === 0 && !context.hasWidths) measureConstants(state, batch.crystals, context)
    rate = learningRate(options, state.averageStep ?? state.optimiser.steps, horizon)
    const gradients = await stepGradients(context.gradients, state.parameters, batch, limits)
    const step = await optimiserStep(engine, state.parameters, state.optimiser, gradients, options, rate)
    if (!Number.isFinite(step.loss) || !Number.isFinite(step.gradNorm)) {
      const ids = indices.map((index) => train.labelled(index).id)
      throw notFinite(step, epoch, n + 1, ids, options.learning_rate)
    }
    if (averaging) addToAverage(state.average, state.parameters)
    loss += step.loss / batches.length
    norm += step.gradNorm / batches.length
    onEvent({ type: 'step', epoch, step: n + 1, steps: batches.length, ...step, learningRate: rate })
  }
  return { loss, gradNorm: norm, learningRate: rate }
}

/** Errors on the validation split; null without one. */
export async function validate(
  parameters: TensorMap,
  { config, scaling, feed, val }: FitContext,
): Promise<Validation | null> {
  if (val.length === 0) return null
  const predicted = await predict(parameters, config, val, scaling, feed)
  return validationOf(errorsOf(valuesOf(val, predicted), scaling))
}

function microBatchLimits({ options, feed }: FitContext): MicroBatchLimits {
  return { crystals: options.batch_size, atoms: Math.min(options.max_batch_atoms, feed.atoms) }
}

/** Constants of the network from the first crystals of the first step, as many as are computed at once. */
function measureConstants(state: TrainingState, crystals: readonly FedCrystal[], context: FitContext): void {
  const { config, feed } = context
  const limits = microBatchLimits(context)
  const sizes = crystals.map(({ atoms }) => atoms)
  const [first] = microBatchesOf(sizes, limits)
  const batch = feed.upload(first.map((index) => crystals[index]))
  setStatistics(state.parameters, batch, config)
  batch.dispose()
}

/** The standardised targets of some crystals, row major. */
function standardised({ standardised: all, length }: PreparedSet, indices: readonly number[]): Float32Array {
  const width = all.length / length
  return Float32Array.from({ length: indices.length * width }, (_, n) => {
    return all[indices[Math.floor(n / width)] * width + (n % width)]
  })
}

function notFinite(
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
    `${what} at step ${n} of epoch ${epoch} (crystals ${shown}); train anew with a learning_rate of ${rateToTry(rate)}`,
  )
}
