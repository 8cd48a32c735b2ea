// Crystals and weights as tensors of the current tfjs backend, for tests.

import * as tf from '@tensorflow/tfjs'
import { type ModelConfig, modelConfig } from '../../models/attention/config.ts'
import { geometryOf } from '../../models/attention/geometry.ts'
import { inputNames } from '../../models/attention/inputs.ts'
import { ELEMENT_TABLE } from '../../models/elements.ts'
import type { GeometryOptions, Mode } from '../../models/geometry.ts'
import type { ForwardOptions, Parameters } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { Weights } from '../../models/safetensors.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { packBatch } from '../../src/periodic/batch.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'
import { ofAllAtoms } from '../../src/periodic/unique.ts'

/** A network small enough for the pure JavaScript backend. */
export const SMALL = modelConfig({
  num_layers: 2,
  model_dim: 16,
  head_num: 2,
  ff_dim: 16,
  embedding_dim: [8],
  value_pe_dist_real: 16,
})

export function parametersOf(weights: Weights): Parameters {
  return Object.fromEntries(
    [...weights].map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  )
}

/**
 * The inputs of one batch; exactly those that the network says it reads.
 * @param unique one atom of each orbit instead of all
 */
export function inputsOf(
  crystals: readonly Structure[],
  config: ModelConfig,
  mode: Mode,
  options: GeometryOptions = {},
  unique = false,
): Record<string, tf.Tensor> {
  const spec = geometryOf(config, mode, options).geometry
  const geometry = unique ? spec : ofAllAtoms(spec)
  const { tensors } = packBatch(crystals.map((crystal) => prepareCrystal(crystal, geometry, ELEMENT_TABLE)))
  return Object.fromEntries(
    inputNames(config, mode).map((name) => {
      const { data, dims } = tensors[name]
      return [name, tf.tensor(data, [...dims], data instanceof Int32Array ? 'int32' : 'float32')]
    }),
  )
}

/** Network outputs of crystals that share one batch, [C · num_targets]. */
export function predict(
  weights: Weights,
  config: ModelConfig,
  crystals: readonly Structure[],
  mode: Mode = 'converged',
  options: ForwardOptions & { geometry?: GeometryOptions; unique?: boolean } = {},
): Float32Array {
  return tf.tidy(() => {
    const inputs = inputsOf(crystals, config, mode, options.geometry, options.unique)
    return networkOf(config)
      .forward(parametersOf(weights), config, inputs, options)
      .dataSync() as Float32Array
  })
}
