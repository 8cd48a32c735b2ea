// What training minimises, on standardised targets, and its gradient.

import * as tf from '@tensorflow/tfjs-core'
import type { NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { FedBatch } from '../engines/feed.ts'
import type { TrainingOptions } from './options.ts'
import type { TensorMap } from './tensors.ts'

/** What outputs [C, targets] are compared with. */
export interface Labels {
  /** standardised, of the same shape; any number where one is missing */
  readonly values: tf.Tensor2D
  /** 1 where there is one, 0 where not; undefined where none is missing */
  readonly present: tf.Tensor2D | undefined
}

/** The labels [crystals, targets] of some crystals; NaN where one is missing. The caller disposes of them. */
export function labelsOf(targets: Float32Array, crystals: number): Labels {
  const shape: [number, number] = [crystals, targets.length / crystals]
  if (!targets.some(Number.isNaN)) return { values: tf.tensor2d(targets, shape), present: undefined }
  return {
    values: tf.tensor2d(
      targets.map((y) => (Number.isNaN(y) ? 0 : y)),
      shape,
    ),
    present: tf.tensor2d(
      targets.map((y) => (Number.isNaN(y) ? 0 : 1)),
      shape,
    ),
  }
}

/**
 * Loss of outputs [C, targets]: sum over the labels of all crystals and targets, divided by `count`, the crystals of the
 * whole step. smooth_l1 is d²/2 for |d| < 1, else |d| − ½.
 */
export function lossOf(
  outputs: tf.Tensor2D,
  { values, present }: Labels,
  loss: TrainingOptions['loss'],
  count: number,
): tf.Scalar {
  const all = tf.sub(outputs, values)
  // Every loss and its gradient are 0 where the difference is.
  const difference = present ? tf.mul(all, present) : all
  return tf.div(tf.sum(perElement[loss](difference)), count)
}

const perElement = {
  l1: (d) => tf.abs(d),
  mse: (d) => tf.square(d),
  smooth_l1: (d) => {
    // With c = min(|d|, 1): c²/2 + (|d| − c) is both branches at once.
    const size = tf.abs(d)
    const capped = tf.minimum(size, 1)
    return tf.add(tf.mul(tf.square(capped), 0.5), tf.sub(size, capped))
  },
} satisfies Record<TrainingOptions['loss'], (d: tf.Tensor) => tf.Tensor>

/** Loss of a batch, divided by `count` instead of its number of crystals, and its gradient by trainable parameter. */
export function lossAndGradients(
  parameters: TensorMap,
  batch: FedBatch,
  labels: Labels,
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
    return lossOf(outputs, labels, options.loss, count)
  })(names.map((name) => parameters.get(name)!))
  return { loss: value as tf.Scalar, gradients: new Map(names.map((name, n) => [name, grads[n]])) }
}
