// Opens a file of published weights, whatever its layout: a Lightning checkpoint, a bare state_dict, or safetensors.

import { readSafetensors64 } from '../../models/safetensors.ts'
import { LimitError, WeightsError } from '../errors.ts'
import { readTorchFile } from '../torch/checkpoint.ts'
import { isTensor, type TorchTensor } from '../torch/tensor.ts'
import { type Beside, besides, tensorsIn } from './averages.ts'
import type { HyperParameters } from './hyper-parameters.ts'
import type { StateDicts, StateTensor } from './state-dict.ts'
import { parseHyperParameters } from './text.ts'

export interface Source extends StateDicts {
  /** what the file itself says of them */
  readonly hyper: HyperParameters | undefined
}

const MAX_TENSORS = 10_000
/** Key of the metadata of a safetensors file that write.ts makes. */
export const HYPER_PARAMETERS = 'hyper_parameters'

/** @throws WeightsError for a file that is damaged or holds no state_dict; LimitError beyond the bounds. */
export function openSource(bytes: Uint8Array, file: string): Source {
  return file.toLowerCase().endsWith('.safetensors') ? fromSafetensors(bytes, file) : fromTorch(bytes, file)
}

function fromSafetensors(bytes: Uint8Array, file: string): Source {
  const { tensors, metadata } = readSafetensors64(bytes, file)
  const json = metadata[HYPER_PARAMETERS]
  return {
    state: new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, read: () => data }])),
    averages: new Map(),
    current: undefined,
    unnamed: undefined,
    hyper: json === undefined ? undefined : parseHyperParameters(json, `${file}: ${HYPER_PARAMETERS}`),
  }
}

function fromTorch(bytes: Uint8Array, file: string): Source {
  const { value, read } = readTorchFile(bytes, file)
  if (!(value instanceof Map))
    throw new WeightsError(`${file}: holds no dictionary, expected a checkpoint or a state_dict`)
  const inner = stateDict(value)
  if (!(inner instanceof Map)) throw new WeightsError(`${file}: its state_dict is no dictionary`)
  if (inner.size > MAX_TENSORS)
    throw new LimitError(`${file}: ${inner.size} tensors, at most ${MAX_TENSORS} are read`)
  const tensors = inner.size === 0 ? new Map<string, TorchTensor>() : tensorsIn(inner)
  if (tensors === undefined) {
    const [name] = [...inner].find(([name, tensor]) => typeof name !== 'string' || !isTensor(tensor)) ?? ['']
    throw new WeightsError(
      `${file}: entry ${JSON.stringify(String(name).slice(0, 60))} is no tensor; expected a Lightning checkpoint or a state_dict`,
    )
  }
  const readable = (of: ReadonlyMap<string, TorchTensor>): ReadonlyMap<string, StateTensor> =>
    new Map([...of].map(([name, tensor]) => [name, { shape: tensor.shape, read: () => read(tensor) }]))
  const { averages, current, unnamed } = inner === value ? NOTHING_BESIDE : besides(value, inner)
  const hyper: unknown = inner === value ? undefined : value.get(HYPER_PARAMETERS)
  return {
    state: readable(tensors),
    averages: new Map([...averages].map(([where, of]) => [where, readable(of)])),
    current: current && readable(current),
    unnamed,
    hyper: hyper instanceof Map ? withTextKeys(hyper, file) : undefined,
  }
}

const NOTHING_BESIDE: Beside = { averages: new Map(), current: undefined, unnamed: undefined }
/** Where programs put a state_dict. */
const STATE_DICTS = ['state_dict', 'model_state_dict', 'model_state', 'model', 'network', 'net', 'weights']

/** The dictionary itself, or the one in it under one of the usual names. */
function stateDict(value: ReadonlyMap<unknown, unknown>): unknown {
  const name = STATE_DICTS.find((key) => value.get(key) instanceof Map)
  if (name === undefined) return value.get('state_dict') ?? value
  return value.get(name)
}

function withTextKeys(hyper: ReadonlyMap<unknown, unknown>, file: string): HyperParameters {
  for (const key of hyper.keys()) {
    if (typeof key !== 'string') throw new WeightsError(`${file}: a hyper-parameter without a name`)
  }
  return hyper as HyperParameters
}
