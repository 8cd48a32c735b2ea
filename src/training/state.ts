// Everything that changes while a network trains, and what a checkpoint therefore holds.

import type { NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { Weights } from '../../models/safetensors.ts'
import type { TargetScaling } from '../data/scaling.ts'
import { type AdamWState, adamWState } from './adamw.ts'
import { type StartingPoint, startingWeights } from './start.ts'
import { emptyAverage, type WeightAverage } from './swa.ts'
import { disposeAll, type TensorMap, uploadWeights } from './tensors.ts'
import type { Validation } from './validation.ts'

/** The weights with the smallest validation error so far. */
export interface BestWeights {
  readonly epoch: number
  readonly validation: Validation
  readonly weights: Weights
}

export interface TrainingState {
  readonly parameters: TensorMap
  readonly optimiser: AdamWState
  readonly average: WeightAverage
  /** Validation errors of the averaged weights after the last epoch; null where there are none. */
  averageValidation: Validation | null
  best: BestWeights | undefined
  /** Epochs done. */
  epoch: number
  /** Epochs done before averaging begins; earlier than planned once patience has run out. */
  averageFrom: number
  /** Optimiser steps done when averaging began; the learning rate stays what it was there. */
  averageStep: number | null
}

/**
 * Fresh weights from `seed`, or those of `from`, and zero moments. The caller disposes of the state.
 * @param kept targets whose part of the last layer of `from` is kept
 */
export function initialState(
  config: NetworkConfig,
  seed: number,
  averageFrom: number,
  from?: StartingPoint,
  kept?: readonly TargetScaling[],
): TrainingState {
  const parameters = uploadWeights(startingWeights(config, seed, from, kept))
  const trainable = [...parameters.keys()].filter(networkOf(config).isTrainable)
  return {
    parameters,
    optimiser: adamWState(parameters, trainable),
    average: emptyAverage(),
    averageValidation: null,
    best: undefined,
    epoch: 0,
    averageFrom,
    averageStep: null,
  }
}

export function disposeState({ parameters, optimiser, average }: TrainingState): void {
  disposeAll(parameters, optimiser.first, optimiser.second, average.mean)
}
