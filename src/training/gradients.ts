// The loss of an optimiser step and its gradient: one micro-batch after the other, so that memory is bounded, wherever
// gradients are computed. Here on this thread; threads/ adds others of the same kind.

import * as tf from '@tensorflow/tfjs-core'
import type { NetworkConfig } from '../../models/network.ts'
import type { Feed } from '../engines/feed.ts'
import type { FedCrystal } from '../engines/preparation.ts'
import { labelsOf, lossAndGradients } from './loss.ts'
import { alikeMicroBatchesOf, type MicroBatchLimits } from './micro-batches.ts'
import type { TrainingOptions } from './options.ts'
import type { TensorMap } from './tensors.ts'

/** Crystals of a step, of a micro-batch or of a thread's share, and their standardised targets [crystals, targets], NaN where one is missing. */
export interface TargetedBatch {
  readonly crystals: readonly FedCrystal[]
  readonly targets: Float32Array
}

/** The caller disposes of the gradients. */
export interface LossAndGradients {
  readonly loss: number
  readonly gradients: TensorMap
}

/** Something that computes gradients: one thread, or several. */
export interface GradientSource {
  readonly threads: number
  /** Σ of the losses of the crystals of a micro-batch, divided by `count`, and its gradient. */
  readonly ofMicroBatch: (
    parameters: TensorMap,
    batch: TargetedBatch,
    count: number,
  ) => Promise<LossAndGradients>
  readonly close: () => Promise<void>
}

/** This thread, on the engine of `feed`. */
export function localGradients(
  feed: Feed,
  config: NetworkConfig,
  options: Pick<TrainingOptions, 'loss'>,
): GradientSource {
  return {
    threads: 1,
    ofMicroBatch: async (parameters, { crystals, targets }, count) => {
      const batch = feed.upload(crystals)
      const labels = labelsOf(targets, crystals.length)
      const { loss, gradients } = lossAndGradients(parameters, batch, labels, config, options, count)
      batch.dispose()
      tf.dispose([labels.values, ...(labels.present ? [labels.present] : [])])
      const [value] = await loss.data()
      loss.dispose()
      return { loss: value, gradients }
    },
    close: async () => {},
  }
}

/** Mean loss of the crystals of a step and its gradient, computed in micro-batches within `limits`. */
export async function stepGradients(
  source: GradientSource,
  parameters: TensorMap,
  { crystals, targets }: TargetedBatch,
  limits: MicroBatchLimits,
): Promise<LossAndGradients> {
  const width = targets.length / crystals.length
  const sum: { loss: number; gradients: TensorMap } = { loss: 0, gradients: new Map() }
  for (const indices of alikeMicroBatchesOf(crystals, limits)) {
    const batch = chosen({ crystals, targets }, indices, width)
    const { loss, gradients } = await source.ofMicroBatch(parameters, batch, crystals.length)
    sum.loss += loss
    addGradients(sum.gradients, gradients)
  }
  return sum
}

/** Some crystals of a batch. */
export function chosen(
  { crystals, targets }: TargetedBatch,
  indices: readonly number[],
  width: number,
): TargetedBatch {
  const values = new Float32Array(indices.length * width)
  indices.forEach((index, c) => {
    values.set(targets.subarray(index * width, (index + 1) * width), c * width)
  })
  return { crystals: indices.map((index) => crystals[index]), targets: values }
}

/** sum += gradients, which are used up. */
export function addGradients(sum: TensorMap, gradients: TensorMap): void {
  for (const [name, gradient] of gradients) {
    const before = sum.get(name)
    if (!before) {
      sum.set(name, gradient)
      continue
    }
    sum.set(name, tf.add(before, gradient))
    tf.dispose([before, gradient])
  }
}
