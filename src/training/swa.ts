// Stochastic weight averaging (Izmailov et al. 2018): the running mean of all parameters after every optimiser step of
// the last epochs.

import * as tf from '@tensorflow/tfjs-core'
import type { TensorMap } from './tensors.ts'

export interface WeightAverage {
  readonly mean: TensorMap
  /** steps averaged so far */
  count: number
}

export function emptyAverage(): WeightAverage {
  return { mean: new Map(), count: 0 }
}

/** mean ← mean + (w − mean) / (n + 1) for every parameter, those that are not trained included. */
export function addToAverage(average: WeightAverage, parameters: ReadonlyMap<string, tf.Tensor>): void {
  average.count++
  for (const [name, w] of parameters) {
    const mean = average.mean.get(name)
    if (!mean) {
      average.mean.set(name, tf.clone(w))
      continue
    }
    average.mean.set(
      name,
      tf.tidy(() => tf.add(mean, tf.div(tf.sub(w, mean), average.count))),
    )
    mean.dispose()
  }
}
