// The parts of an optimiser step: the gradient of a batch, and what is done with it: clipping, AdamW. Numbers are looked
// at before they are used, so that a gradient that is not finite never reaches the weights.

import * as tf from '@tensorflow/tfjs-core'
import type { NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import { type AdamWState, adamWStep } from './adamw.ts'
import { clipFactor, globalNorm } from './clip.ts'
import type { FedBatch } from './feed.ts'
import type { LossAndGradients } from './gradients.ts'
import { lossOf } from './loss.ts'
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
  parameters: TensorMap,
  optimiser: AdamWState,
  { loss, gradients }: LossAndGradients,
  options: TrainingOptions,
  rate: number,
): Promise<StepResult> {
  const gradNorm = await globalNorm(gradients.values())
  if (Number.isFinite(loss) && Number.isFinite(gradNorm)) {
    adamWStep(parameters, gradients, optimiser, rate, clipFactor(gradNorm, options.clip_norm), options)
  }
  tf.dispose([...gradients.values()])
  return { loss, gradNorm }
}

/** Loss of a batch, divided by `count` instead of its number of crystals, and its gradient by trainable parameter. */
export function lossAndGradients(
  parameters: TensorMap,
  batch: FedBatch,
  targets: tf.Tensor2D,
  config: NetworkConfig,
  options: Pick<TrainingOptions, 'loss'>,
  count: number,
): { loss: tf.Scalar; gradients: TensorMap } {
  const network = networkOf(config)
  const names = [...parameters.keys()].filter(network.isTrainable)
  const fixed = Object.fromEntries(parameters)
  const { value, grads } = tf.valueAndGrads((...trainable: tf.Tensor[]) => {
    const current = { ...fixed, ...Object.fromEntries(names.map((name, n) => [name, trainable[n]])) }
    const outputs = network.forward(current, config, batch.inputs, { fusedAttention: batch.fusedAttention })
    return lossOf(outputs, targets, options.loss, count)
  })(names.map((name) => parameters.get(name)!))
  return { loss: value as tf.Scalar, gradients: new Map(names.map((name, n) => [name, grads[n]])) }
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
