// The way back: weights as the state_dict of the published Lightning module, in a safetensors file that says its
// hyper-parameters. The published demo.py and train.py load it after the three lines of docs/import.md.

import type { ModelConfig } from '../../models/attention/config.ts'
import { type Weights, type WeightTensor, writeSafetensors } from '../../models/safetensors.ts'
import { hyperParametersOf } from './hyper-parameters.ts'
import { HYPER_PARAMETERS } from './source.ts'
import type { PublishedTarget } from './targets.ts'

/** A safetensors file with model.*, swa_model.module.*, target_mean and target_std, all float32. */
export function writePublished(
  weights: Weights,
  config: ModelConfig,
  targets: readonly PublishedTarget[],
): Uint8Array {
  const vector = (values: readonly number[]): WeightTensor => ({
    shape: [values.length],
    data: Float32Array.from(values),
  })
  const state = new Map<string, WeightTensor>([
    ...prefixed('model.', weights),
    ['swa_model.n_averaged', { shape: [], data: Float32Array.of(1) }],
    ...prefixed('swa_model.module.', weights),
    ['target_std', vector(targets.map(({ std }) => std))],
    ['target_mean', vector(targets.map(({ mean }) => mean))],
  ])
  const hyper = hyperParametersOf(
    config,
    targets.map(({ name }) => name),
  )
  return writeSafetensors(state, { [HYPER_PARAMETERS]: JSON.stringify(hyper), format: 'pt' })
}

function prefixed(prefix: string, weights: Weights): [string, WeightTensor][] {
  return [...weights].map(([name, tensor]) => [prefix + name, tensor])
}
