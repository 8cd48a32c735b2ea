// Which tensors of a state_dict are the network: Lightning keeps the last weights under model., their average over the
// final epochs under swa_model.module., and the scaling of the targets beside them.

import { WeightsError } from '../errors.ts'

/** `swa`: the average, which the published numbers are of. `last`: the weights as training left them. */
export type WeightSet = 'swa' | 'last'

/** A tensor that is read when its numbers are asked for. */
export interface StateTensor {
  readonly shape: readonly number[]
  /** in row-major order */
  read(): ArrayLike<number>
}

/** What a file holds of weights. */
export interface StateDicts {
  readonly state: ReadonlyMap<string, StateTensor>
  /** averages that stand beside it, by where */
  readonly averages: ReadonlyMap<string, ReadonlyMap<string, StateTensor>>
  /** the last weights, where `state` is their average */
  readonly current: ReadonlyMap<string, StateTensor> | undefined
  /** where an average stands as a list of tensors without names */
  readonly unnamed: string | undefined
}

export interface PublishedState {
  /** under the names of the network itself */
  readonly parameters: ReadonlyMap<string, StateTensor>
  /** which of the two sets; undefined where the file has only one */
  readonly set: WeightSet | undefined
  /** optimiser steps that were averaged */
  readonly averaged: number | undefined
  /** of the training targets, one a column */
  readonly mean: readonly number[] | undefined
  readonly std: readonly number[] | undefined
  /** where the weights stand, where that is not the state_dict's own average */
  readonly from?: string
}

const LAST = 'model.'
const AVERAGE = 'swa_model.'
const AVERAGED_STEPS = 'n_averaged'

/**
 * Picks one set of weights: the average unless `wanted` says otherwise.
 * @throws WeightsError when that set is not there or is of no use.
 */
export function publishedState(
  source: StateDicts,
  wanted: WeightSet | undefined,
  file: string,
): PublishedState {
  const rest = unwrapped(source.state, file)
  const mean = takeVector(rest, 'target_mean')
  const std = takeVector(rest, 'target_std')
  const last = takePrefix(rest, LAST)
  const average = takePrefix(rest, AVERAGE)
  const kept = average.size === 0 ? besideIt(source, last, file) : undefined
  if (kept) {
    const set = wanted ?? 'swa'
    if (last.size > 0 && rest.size > 0) throw notOfIt(rest, file)
    const { parameters } = kept[set]
    return { parameters, set, averaged: undefined, mean, std, from: kept[set].from }
  }
  if (average.size === 0 && source.unnamed !== undefined && wanted !== 'last') {
    throw new WeightsError(
      `${file}: the average under ${source.unnamed} has no names; copy it into the network in the program that wrote it, and ` +
        'save its state_dict, or take the last weights: --weights last',
    )
  }
  if (last.size === 0 && average.size === 0) {
    const { parameters, averaged } = averagedModel(rest)
    if (wanted !== undefined && source.unnamed === undefined) {
      throw new WeightsError(`${file}: holds one set of weights only; leave --weights away`)
    }
    return { parameters, set: undefined, averaged, mean, std }
  }
  if (rest.size > 0) throw notOfIt(rest, file)
  const set = wanted ?? 'swa'
  if (set === 'last') {
    if (last.size === 0) throw new WeightsError(`${file}: holds no ${LAST}* tensors; try --weights swa`)
    return { parameters: last, set, averaged: undefined, mean, std }
  }
  if (average.size === 0) {
    throw new WeightsError(
      `${file}: holds no ${AVERAGE}* tensors, it was trained without averaging; take its last weights: --weights last`,
    )
  }
  const { parameters, averaged } = averagedModel(average)
  if (averaged === 0) {
    throw new WeightsError(
      `${file}: ${AVERAGE}${AVERAGED_STEPS} is 0: it was saved before averaging began, and its average is still the ` +
        'untrained network; take its last weights: --weights last',
    )
  }
  return { parameters, set, averaged, mean, std }
}

function notOfIt(rest: ReadonlyMap<string, StateTensor>, file: string): WeightsError {
  return new WeightsError(
    `${file}: tensors that are no part of the published model: ${some([...rest.keys()])}`,
  )
}

/** What torch.compile, DistributedDataParallel, FSDP, activation checkpoints and Fabric put around a module. */
const WRAPPERS = new Set([
  ...['_orig_mod', 'module', '_forward_module', '_fsdp_wrapped_module', '_checkpoint_wrapped_module'],
])

/** Without wrappers, wherever they stand in a name. @throws WeightsError where two tensors get one name */
function unwrapped(state: ReadonlyMap<string, StateTensor>, file: string): Map<string, StateTensor> {
  const found = new Map<string, StateTensor>()
  const named = [...state].map(
    ([name, tensor]) => [name, name.split('.').filter((part) => !WRAPPERS.has(part)), tensor] as const,
  )
  // A module around all of it: `net.model.…`, `student.…`.
  const [outer] = named[0]?.[1] ?? []
  const isAround = `${outer}.` !== LAST && `${outer}.` !== AVERAGE && named.length > 1
  const around = isAround && named.every(([, [first, second]]) => first === outer && second !== undefined)
  for (const [name, parts, tensor] of named) {
    const plain = parts.slice(around ? 1 : 0).join('.')
    if (found.has(plain)) throw new WeightsError(`${file}: "${name}" and another tensor are both "${plain}"`)
    found.set(plain, tensor)
  }
  return found
}

interface Kept {
  readonly parameters: ReadonlyMap<string, StateTensor>
  /** where it stands */
  readonly from: string
}

/**
 * The average that a callback kept beside the state_dict, and the last weights.
 * @throws WeightsError where there are several
 */
function besideIt(
  { state, averages, current }: StateDicts,
  last: ReadonlyMap<string, StateTensor>,
  file: string,
): Record<WeightSet, Kept> | undefined {
  const network = (of: ReadonlyMap<string, StateTensor>) => {
    const plain = unwrapped(of, file)
    for (const name of ['target_mean', 'target_std', AVERAGED_STEPS]) plain.delete(name)
    const inner = takePrefix(plain, LAST)
    return inner.size > 0 ? inner : plain
  }
  const own = last.size > 0 ? last : network(state)
  if (current) {
    return {
      swa: { parameters: own, from: 'state_dict' },
      last: { parameters: network(current), from: 'current_model_state' },
    }
  }
  const found = [...averages]
    .map(([from, of]): Kept => ({ from, parameters: network(of) }))
    .filter(({ parameters }) => [...own.keys()].every((name) => parameters.has(name)))
  if (found.length > 1) {
    throw new WeightsError(
      `${file}: keeps several averages: ${some(found.map(({ from }) => from))}; save one of them as its state_dict, or ` +
        'take the last weights: --weights last',
    )
  }
  return found.length === 0 ? undefined : { swa: found[0], last: { parameters: own, from: 'state_dict' } }
}

/** The state_dict of torch's AveragedModel, which has n_averaged. Any other is left as it is. */
function averagedModel(state: ReadonlyMap<string, StateTensor>): {
  parameters: Map<string, StateTensor>
  averaged: number | undefined
} {
  const rest = new Map(state)
  const steps = takeVector(rest, AVERAGED_STEPS)
  return { parameters: rest, averaged: steps?.[0] }
}

/** Moves the tensors of a prefix out of `from`, without it. */
function takePrefix(from: Map<string, StateTensor>, prefix: string): Map<string, StateTensor> {
  const taken = [...from].filter(([name]) => name.startsWith(prefix))
  for (const [name] of taken) from.delete(name)
  return new Map(taken.map(([name, tensor]) => [name.slice(prefix.length), tensor]))
}

function takeVector(from: Map<string, StateTensor>, name: string): number[] | undefined {
  const tensor = from.get(name)
  if (tensor === undefined) return undefined
  from.delete(name)
  const length = tensor.shape.reduce((product, size) => product * size, 1)
  if (tensor.shape.length > 1 || length > 256) {
    throw new WeightsError(`${name} has shape [${tensor.shape}], expected one number a target`)
  }
  return Array.from(tensor.read())
}

/** The first few of a list, for a message. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ')
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown
}
