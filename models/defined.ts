// A row of the registry from the definition of a network (define.ts).

import * as tf from '@tensorflow/tfjs-core'
import { ConfigError } from '../src/errors.ts'
import { sfc32 } from '../src/math/random/sfc32.ts'
import { configured, type HyperParameters, type NetworkDefinition } from './define.ts'
import type { Widened } from './define-config.ts'
import { refuseOtherSphere } from './geometry.ts'
import { embedSites } from './layers/embedding.ts'
import { poolAtoms } from './layers/head.ts'
import { batchOf, NEIGHBOUR_INPUTS, neighboursOf } from './neighbours.ts'
import { type Network, QUICK_TRAINING } from './network.ts'
import type { WeightTensor } from './safetensors.ts'
import { refuseContradiction } from './weights.ts'

export function networkFrom(definition: NetworkDefinition): Network {
  type Config = Widened<HyperParameters>
  const { name, title = name, lastLayer, module } = definition
  const shapesOf = (config: Config) => new Map(Object.entries(definition.parameters(config)))
  const configure = (input: unknown) => configured(definition, input)
  const first = shapesOf(configure({}))
  const network: Network<Config> = {
    ...{ name, title, configure, module },
    describe: (config) => `${shapesOf(config).size} weights`,
    parameterShapes: shapesOf,
    isTrainable: () => true,
    initialise: (config, seed) => initialised(shapesOf(config), seed, definition.initialise),
    lastLayer: () => lastLayer,
    claims: (names) => [...first.keys()].every((key) => names.has(key)),
    inferConfig: (weights, given) => {
      const found = { num_targets: weights.get(`${lastLayer}.bias`)?.shape[0] }
      refuseContradiction(given, found)
      return configure({ ...given, ...found })
    },
    modes: ['converged'],
    geometry: (config, mode, options) => {
      const radius = definition.radius(config)
      refuseOtherSphere(title, radius, `follows from its hyper-parameters, here ${radius}`, mode, options)
      const { symmetry } = definition
      const images = { kind: 'sphere', radius } as const
      return { geometry: symmetry ? { images, symmetry } : { images }, errorBound: null }
    },
    sumsOverImages: () => 0,
    inputNames: () => NEIGHBOUR_INPUTS,
    forward: (parameters, config, given, { trace, radius } = {}) =>
      tf.tidy(() => {
        const inputs = batchOf(given, radius)
        return definition.forward(parameters, config, {
          ...neighboursOf(inputs),
          embed: (weight) => embedSites(weight, inputs.species, inputs.occupancy),
          mean: (x) => {
            const pooled = poolAtoms(x, inputs.pool)
            trace?.('pooled', pooled)
            return pooled
          },
        })
      }),
    lacks: (config, output) => {
      if (output === 'attention') return `a ${title} does not attend: it has no attention over images to give`
      return typeof config.model_dim === 'number'
        ? undefined
        : `a ${title} has no hyper-parameter "model_dim", the width of an embedding; add it to its defaults`
    },
    presets: definition.presets ?? { quick: { config: {}, training: QUICK_TRAINING } },
    limits: { runAtoms: 64, batchAtoms: 256, ...definition.limits },
  }
  return network as unknown as Network
}

function initialised(
  shapes: ReadonlyMap<string, readonly number[]>,
  seed: number,
  initialise: NetworkDefinition['initialise'],
): Map<string, WeightTensor> {
  const random = sfc32(seed)
  const uniform = () => 2 * random.uniform() - 1
  return new Map(
    [...shapes].map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1)
      const given = initialise?.(name, shape, uniform)
      if (given && given.length !== length) {
        throw new ConfigError(
          `initialise gives ${given.length} numbers of ${name} [${shape}], expected ${length}`,
        )
      }
      const width = shape.at(-1)! ** -0.5
      const values = given ?? Array.from({ length }, () => (shape.length > 1 ? width * uniform() : 0))
      return [name, { shape, data: Float32Array.from(values) }]
    }),
  )
}
