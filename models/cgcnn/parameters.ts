// The parameters of a CGCNN: names, shapes, starting values, and what they tell of their network.

import { WeightsError } from '../../src/errors.ts'
import { sfc32 } from '../../src/math/random/sfc32.ts'
import { ELEMENTS } from '../elements.ts'
import type { Weights, WeightTensor } from '../safetensors.ts'
import { refuseContradiction } from '../weights.ts'
import { type CgcnnConfig, cgcnnConfig } from './config.ts'

/** Prefix of the names of convolution l. */
export const layerPrefix = (l: number) => `convs.${l}.`

/** Names of the linear layers of the head. */
export function headNames({ embedding_dim: hidden }: CgcnnConfig): string[] {
  return [...hidden, 1].map((_, n) => `head.${n}`)
}

/**
 * Names and shapes, in the order of files. The published z·W of (v_i, v_j, u_ij) is kept in its three parts, the gate in
 * the first d of 2d rows.
 */
export function parameterShapes(config: CgcnnConfig): Map<string, readonly number[]> {
  const { model_dim: d, num_gaussians: gaussians, num_layers: layers } = config
  const shapes = new Map<string, readonly number[]>([['embedding.weight', [d, ELEMENTS]]])
  for (let l = 0; l < layers; l++) {
    shapes.set(`${layerPrefix(l)}own.weight`, [2 * d, d])
    shapes.set(`${layerPrefix(l)}neighbour.weight`, [2 * d, d])
    shapes.set(`${layerPrefix(l)}distance.weight`, [2 * d, gaussians])
    shapes.set(`${layerPrefix(l)}bias`, [2 * d])
    shapes.set(`${layerPrefix(l)}norm.gain`, [d])
    shapes.set(`${layerPrefix(l)}norm.bias`, [d])
  }
  const sizes = [d, ...config.embedding_dim, config.num_targets]
  for (const [n, name] of headNames(config).entries()) {
    shapes.set(`${name}.weight`, [sizes[n + 1], sizes[n]])
    shapes.set(`${name}.bias`, [sizes[n + 1]])
  }
  return shapes
}

/** Uniform weights of half width fan-in^−½, zero biases, gains of one. */
export function initialise(config: CgcnnConfig, seed: number): Map<string, WeightTensor> {
  const { uniform } = sfc32(seed)
  return new Map(
    [...parameterShapes(config)].map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
      if (name.endsWith('norm.gain')) data.fill(1)
      // One column of the embedding is used at a time.
      const width = name === 'embedding.weight' ? 1 : shape[1] ** -0.5
      if (name.endsWith('.weight'))
        for (let n = 0; n < data.length; n++) data[n] = width * (2 * uniform() - 1)
      return [name, { shape, data }]
    }),
  )
}

/** The configuration of weights; what they do not tell, the radius, from `given`. @throws WeightsError, ConfigError */
export function inferConfig(weights: Weights, given: Readonly<Record<string, unknown>>): CgcnnConfig {
  const size = (name: string, axis: number): number => {
    const found = weights.get(name)?.shape[axis]
    if (found !== undefined) return found
    throw new WeightsError(`weights hold no ${name} of two sizes; expected those of a CGCNN`)
  }
  const rows = (pattern: RegExp) => [...weights.keys()].filter((name) => pattern.test(name))
  const head = rows(/^head\.\d+\.weight$/).map((_, n) => size(`head.${n}.weight`, 0))
  const found = {
    num_layers: rows(/^convs\.\d+\.own\.weight$/).length,
    model_dim: size('embedding.weight', 0),
    num_gaussians: size(`${layerPrefix(0)}distance.weight`, 1),
    embedding_dim: head.slice(0, -1),
    num_targets: head.at(-1),
  }
  refuseContradiction(given, found)
  return cgcnnConfig({ ...given, ...found })
}
