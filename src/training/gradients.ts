// The loss of an optimiser step and its gradient: portion by portion, so that memory is bounded, wherever gradients are
// computed. Here on the current backend; threads/ adds others of the same kind.

import * as tf from '@tensorflow/tfjs-core'
import type { NetworkConfig } from '../../models/network.ts'
import type { FedCrystal, Feed } from './feed.ts'
import type { TrainingOptions } from './options.ts'
import { type PortionLimits, portionsOf } from './portions.ts'
import { lossAndGradients } from './step.ts'
import type { TensorMap } from './tensors.ts'

/** Crystals and their standardised targets, row major [crystals, targets]. */
export interface Portion {
  readonly crystals: readonly FedCrystal[]
  readonly targets: Float32Array
}

/** The caller disposes of the gradients. */
export interface LossAndGradients {
  readonly loss: number
  readonly gradients: TensorMap
}

/** Something that computes gradients. */
export interface GradientEngine {
  readonly threads: number
  /** Σ of the losses of the crystals of a portion, divided by `count`, and its gradient. */
  readonly portion: (parameters: TensorMap, portion: Portion, count: number) => Promise<LossAndGradients>
  readonly close: () => Promise<void>
}

/** One thread, on the current backend. */
export function localEngine(
  feed: Feed,
  config: NetworkConfig,
  options: Pick<TrainingOptions, 'loss'>,
): GradientEngine {
  return {
    threads: 1,
    portion: async (parameters, { crystals, targets }, count) => {
      const batch = feed.upload(crystals)
      const values = tf.tensor2d(targets, [crystals.length, targets.length / crystals.length])
      const { loss, gradients } = lossAndGradients(parameters, batch, values, config, options, count)
      batch.dispose()
      values.dispose()
      const [value] = await loss.data()
      loss.dispose()
      return { loss: value, gradients }
    },
    close: async () => {},
  }
}

/** Mean loss of the crystals of a step and its gradient, computed in portions within `limits`. */
export async function stepGradients(
  engine: GradientEngine,
  parameters: TensorMap,
  { crystals, targets }: Portion,
  limits: PortionLimits,
): Promise<LossAndGradients> {
  const width = targets.length / crystals.length
  const sum: { loss: number; gradients: TensorMap } = { loss: 0, gradients: new Map() }
  const sizes = crystals.map(({ atoms }) => atoms)
  for (const indices of portionsOf(sizes, limits)) {
    const portion = chosen({ crystals, targets }, indices, width)
    const { loss, gradients } = await engine.portion(parameters, portion, crystals.length)
    sum.loss += loss
    addGradients(sum.gradients, gradients)
  }
  return sum
}

/** Some crystals of a portion. */
export function chosen({ crystals, targets }: Portion, indices: readonly number[], width: number): Portion {
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
