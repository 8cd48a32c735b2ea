// Averages of weights that a callback keeps beside the state_dict of a checkpoint: exponential moving averages and those of
// Lightning's WeightAveraging and StochasticWeightAveraging, under the names that such callbacks use.

import { isTensor, type TorchTensor } from '../torch/tensor.ts'

/** `current_model_state` of WeightAveraging: its state_dict is the average. */
const CURRENT = 'current_model_state'
const NAMES = /^(ema|swa|averag|shadow)|_(ema|swa|average|averaged)$|^(model|state_dict)_ema/i
/** Dictionaries in dictionaries that are looked into. */
const DEPTH = 3

/** Tensors of a dictionary by name; undefined for what is none, or holds something else. */
export function tensorsIn(value: unknown): Map<string, TorchTensor> | undefined {
  if (!(value instanceof Map) || value.size === 0) return undefined
  const tensors = new Map<string, TorchTensor>()
  for (const [name, tensor] of value) {
    if (typeof name !== 'string' || !isTensor(tensor)) return undefined
    tensors.set(name, tensor)
  }
  return tensors
}

/** What stands beside a state_dict. */
export interface Beside {
  /** averages by where they stand */
  readonly averages: ReadonlyMap<string, ReadonlyMap<string, TorchTensor>>
  /** the last weights, where the state_dict is their average */
  readonly current: ReadonlyMap<string, TorchTensor> | undefined
  /** where an average stands as a list, in which tensors have no names */
  readonly unnamed: string | undefined
}

/** Looks through a checkpoint, without its state_dict. */
export function besides(checkpoint: ReadonlyMap<unknown, unknown>, stateDict: unknown): Beside {
  const averages = new Map<string, ReadonlyMap<string, TorchTensor>>()
  let unnamed: string | undefined
  const look = (value: unknown, path: string, named: boolean, depth: number): void => {
    if (named && Array.isArray(value) && value.length > 1 && value.every(isTensor)) unnamed ??= path
    if (!(value instanceof Map) || value === stateDict) return
    const tensors = named ? tensorsIn(value) : undefined
    if (tensors && tensors.size > 1) averages.set(path, tensors)
    else if (depth > 0) {
      for (const [key, inner] of value) {
        if (typeof key !== 'string' || key === CURRENT) continue
        look(inner, path === '' ? key : `${path}.${key}`, named || NAMES.test(key), depth - 1)
      }
    }
  }
  look(checkpoint, '', false, DEPTH)
  return { averages, current: tensorsIn(checkpoint.get(CURRENT)), unnamed }
}
