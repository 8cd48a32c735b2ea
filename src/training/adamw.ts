// AdamW (Loshchilov & Hutter 2019) with PyTorch's formulation and order of operations, on any tfjs backend.

import * as tf from '@tensorflow/tfjs-core'
import type { Engine } from '../engines/engine.ts'
import { type AdamWNumbers, type Moved, moved } from '../engines/fused-adam-w.ts'
import type { TrainingOptions } from './options.ts'
import type { TensorMap } from './tensors.ts'

/** Running means of gradients and of their squares, one pair a parameter, and the steps done. */
export interface AdamWState {
  readonly first: TensorMap
  readonly second: TensorMap
  steps: number
}

export type AdamWOptions = Pick<
  TrainingOptions,
  'beta1' | 'beta2' | 'epsilon' | 'weight_decay' | 'bias_weight_decay'
>

/** Zero moments for every parameter that has a gradient. */
export function adamWState(parameters: TensorMap, trainable: readonly string[]): AdamWState {
  const zeros = () => new Map(trainable.map((name) => [name, tf.zerosLike(parameters.get(name)!)]))
  return { first: zeros(), second: zeros(), steps: 0 }
}

/** Weight decay of a parameter: the published runs give biases a group of their own. */
export function weightDecayOf(name: string, options: AdamWOptions): number {
  return name.includes('bias') ? options.bias_weight_decay : options.weight_decay
}

/**
 * One step. Replaces the tensors in `parameters` and `state` and disposes of the old ones. In PyTorch's order:
 *
 *     w ← w·(1 − lr·λ);  m ← β1·m + (1 − β1)·g;  v ← β2·v + (1 − β2)·g²
 *     w ← w − lr/(1 − β1^t) · m / (√v/√(1 − β2^t) + ε)
 *
 * @param scale factor on every gradient: what clipping asks for
 */
export function adamWStep(
  { heap }: Pick<Engine, 'heap'>,
  parameters: TensorMap,
  gradients: ReadonlyMap<string, tf.Tensor>,
  state: AdamWState,
  rate: number,
  scale: number,
  options: AdamWOptions,
): void {
  const { beta1, beta2, epsilon } = options
  state.steps++
  const step = {
    ...{ scale, beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, epsilon },
    stepSize: rate / (1 - beta1 ** state.steps),
    rootCorrection: Math.sqrt(1 - beta2 ** state.steps),
  }
  for (const [name, gradient] of gradients) {
    const given = { w: parameters.get(name)!, m: state.first.get(name)!, v: state.second.get(name)! }
    const decay = 1 - rate * weightDecayOf(name, options)
    const numbers = { ...step, decay }
    const { w, m, v } = heap
      ? moved(heap, given, gradient, numbers)
      : movedByOperations(given, gradient, numbers)
    replace(parameters, name, w)
    replace(state.first, name, m)
    replace(state.second, name, v)
  }
}

/** One parameter, on any backend. */
function movedByOperations({ w, m, v }: Moved, gradient: tf.Tensor, step: AdamWNumbers): Moved {
  const [W, M, V] = tf.tidy(() => {
    const g = step.scale === 1 ? gradient : tf.mul(gradient, step.scale)
    const first = tf.add(tf.mul(m, step.beta1), tf.mul(g, step.rest1))
    const second = tf.add(tf.mul(v, step.beta2), tf.mul(tf.square(g), step.rest2))
    const denominator = tf.add(tf.div(tf.sqrt(second), step.rootCorrection), step.epsilon)
    return [tf.sub(tf.mul(w, step.decay), tf.mul(tf.div(first, denominator), step.stepSize)), first, second]
  })
  return { w: W, m: M, v: V }
}

function replace(map: TensorMap, name: string, tensor: tf.Tensor): void {
  map.get(name)?.dispose()
  map.set(name, tensor)
}
