// The backward pass of the tfjs network against central differences of the float64 reference, for every parameter.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ModelConfig, modelConfig } from '../../models/attention/config.ts'
import { isTrainable } from '../../models/attention/parameters.ts'
import { referenceForward } from '../../models/reference/forward.ts'
import { networkOf } from '../../models/registry.ts'
import type { Weights } from '../../models/safetensors.ts'
import { goldenStructures } from '../golden/goldens.ts'
import { livelyWeights } from './lively.ts'
import { inputsOf, parametersOf, SMALL } from './tensors.ts'

/** float32 gradients against float64 differences, relative to the largest component of the tensor. */
const FINITE_DIFFERENCE = 2e-5
/** Components of a tensor that are differenced: the largest ones of the gradient, and a few in between. */
const COMPONENTS = 5
/** Small: the rectifiers have kinks. The differences are of float64 values, so rounding does not show. */
const STEP = 2 ** -18

/** The frames are constants of the gradient, and so are those of the differences. */
const FRAMED = {
  architecture: 'crystalframer',
  value_pe_angle_real: 8,
  value_pe_angle_wscale: 1.5,
  adaptive_cutoff_sigma: 0,
  lattice_range: 1,
} as const

const crystal = goldenStructures().get('GaN_wurtzite_rattled')!

beforeAll(async () => {
  await tf.setBackend('cpu')
})

// small boxes: the reference is evaluated some hundred times
describe.each([
  { domain: 'real', adaptive_cutoff_sigma: 0, lattice_range: 1 },
  { domain: 'real', adaptive_cutoff_sigma: -2, lattice_range: 1 },
  { domain: 'reci' },
  { domain: 'RECI' },
  { domain: 'multihead', adaptive_cutoff_sigma: 0 },
  { ...FRAMED, frame_method: 'max', value_pe_dist_coef: 1.5, value_pe_angle_coef: 6 },
  { ...FRAMED, frame_method: 'weighted_pca', cos_abs: 1 },
] as const)('%o', (input) => {
  const config = modelConfig({ ...SMALL, ...input })
  const weights = livelyWeights(config, 5)

  it('gradient of every parameter', () => {
    const gradients = gradientsOf(weights, config)
    const layers = referenceForward(weights, config, crystal, 'published').layers
    const frames = layers[0].frames && layers.map((layer) => layer.frames!)
    for (const [name, gradient] of gradients) {
      const scale = Math.max(...gradient.map(Math.abs))
      if (/(k_proj|in_proj)/.test(name)) expect(scale, name).toBeGreaterThan(0)
      for (const n of chosen(gradient)) {
        const difference = centralDifference(weights, config, name, n, frames)
        expect(Math.abs(gradient[n] - difference) / scale, `${name}[${n}]`).toBeLessThan(FINITE_DIFFERENCE)
      }
    }
  })
})

/** Gradient of the prediction of the crystal with respect to every trainable parameter. */
function gradientsOf(weights: Weights, config: ModelConfig): Map<string, Float32Array> {
  const trained = [...weights].filter(([name]) => isTrainable(name))
  const constants = parametersOf(new Map([...weights].filter(([name]) => !isTrainable(name))))
  const inputs = inputsOf([crystal], config, 'published')
  const output = (...values: tf.Tensor[]) => {
    const parameters = {
      ...constants,
      ...Object.fromEntries(trained.map(([name], n) => [name, values[n]])),
    }
    return tf.sum(networkOf(config).forward(parameters, config, inputs)) as tf.Scalar
  }
  const gradients = tf.grads(output)(trained.map(([, { data, shape }]) => tf.tensor(data, [...shape])))
  return new Map(trained.map(([name], n) => [name, gradients[n].dataSync() as Float32Array]))
}

function chosen(gradient: Float32Array): number[] {
  const order = [...gradient.keys()].sort((a, b) => Math.abs(gradient[b]) - Math.abs(gradient[a]))
  return order
    .filter((_, n) => n < 2 || n % Math.ceil(order.length / (COMPONENTS - 2)) === 1)
    .slice(0, COMPONENTS)
}

/** (f(w + h) − f(w − h)) / 2h, with the steps that float32 weights really make. */
function centralDifference(
  weights: Weights,
  config: ModelConfig,
  name: string,
  n: number,
  frames: readonly Float64Array[] | undefined,
): number {
  const at = (step: number) => {
    const { shape, data } = weights.get(name)!
    const moved = data.slice()
    moved[n] += step
    const { value } = referenceForward(
      new Map([...weights, [name, { shape, data: moved }]]),
      config,
      crystal,
      'published',
      { frames },
    )
    return { value: value[0], weight: moved[n] }
  }
  const [plus, minus] = [at(STEP), at(-STEP)]
  return (plus.value - minus.value) / (plus.weight - minus.weight)
}
