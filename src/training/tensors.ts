// Named tensors that live from step to step, and their way to and from typed arrays.

import * as tf from '@tensorflow/tfjs-core'
import type { Weights, WeightTensor } from '../../models/safetensors.ts'

/** Tensors by published parameter name. The holder of the map disposes of them. */
export type TensorMap = Map<string, tf.Tensor>

export function uploadWeights(weights: Weights): TensorMap {
  return new Map([...weights].map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]))
}

export async function downloadWeights(
  tensors: ReadonlyMap<string, tf.Tensor>,
): Promise<Map<string, WeightTensor>> {
  const entries = [...tensors].map(async ([name, tensor]): Promise<[string, WeightTensor]> => {
    return [name, { shape: tensor.shape, data: (await tensor.data()) as Float32Array }]
  })
  return new Map(await Promise.all(entries))
}

export function disposeAll(...maps: readonly ReadonlyMap<string, tf.Tensor>[]): void {
  for (const map of maps) tf.dispose([...map.values()])
}
