// What an optimiser step does with a gradient: clipping, AdamW. Numbers are looked at before they are used, so that a
// gradient that is not finite never reaches the weights.

import * as tf from '@tensorflow/tfjs-core'
import type { NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { Engine } from '../engines/engine.ts'
import type { FedBatch } from '../engines/feed.ts'
import { type AdamWState, adamWStep } from './adamw.ts'
import { clipFactor, globalNorm } from './clip.ts'
import type { LossAndGradients } from './gradients.ts'
import type { TrainingOptions } from './options.ts'
import type { TensorMap } from './tensors.ts'

export interface StepResult {
  readonly loss: number
  /** Global norm of the gradient before clipping. */
  readonly gradNorm: number
}

/**
 * Takes one step on `parameters` and `optimiser` in place, and disposes of the gradients. When loss or gradient norm is
 * not finite nothing is changed; the caller sees it in the result.
 */
export async function optimiserStep(
  engine: Engine,
  parameters: TensorMap,
  optimiser: AdamWState,
  { loss, gradients }: LossAndGradients,
  options: TrainingOptions,
  rate: number,
): Promise<StepResult> {
  const gradNorm = await globalNorm(engine, gradients.values())
  if (Number.isFinite(loss) && Number.isFinite(gradNorm)) {
    adamWStep(
      engine,
      parameters,
      gradients,
      optimiser,
      rate,
      clipFactor(gradNorm, options.clip_norm),
      options,
    )
  }
  tf.dispose([...gradients.values()])
  return { loss, gradNorm }
}

/**
 * Sets the constants that follow from the first batch, for networks that have such: gauss_scale of every block, which the
 * published code sets in its first training step, before anything else.
 */
export function setStatistics(parameters: TensorMap, batch: FedBatch, config: NetworkConfig): void {
  const network = networkOf(config)
  const statistics = network.statistics?.(Object.fromEntries(parameters), config, batch.inputs, {
    fusedAttention: batch.fusedAttention,
  })
  for (const [name, measured] of statistics ?? []) {
    parameters.get(name)?.dispose()
    parameters.set(name, measured)
  }
}
