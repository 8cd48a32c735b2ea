// Starting weights: T-Fixup (Huang et al., 2020), which makes layer normalisation unnecessary, as the published
// code applies it. gauss_scale starts at zero and is filled from the first training batch (gaussStatistics).

import { sfc32 } from '../../src/math/random/sfc32.ts'
import type { WeightTensor } from '../safetensors.ts'
import type { ModelConfig } from './config.ts'
import { parameterShapes } from './parameters.ts'

/** Fresh weights for training, fully determined by `seed`. Shapes, order: parameterShapes. docs/mathematics.md §8. */
export function initialiseWeights(config: ModelConfig, seed: number): Map<string, WeightTensor> {
  const { uniform, normal } = sfc32(seed)
  const shapes = parameterShapes(config)
  return new Map(
    [...shapes].map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
      const distribution = distributionOf(name, shape, config, shapes)
      if ('normal' in distribution)
        for (let n = 0; n < data.length; n++) data[n] = distribution.normal * normal()
      else for (let n = 0; n < data.length; n++) data[n] = distribution.uniform * (2 * uniform() - 1)
      return [name, { shape, data }]
    }),
  )
}

/** A normal distribution by its standard deviation, or a uniform one by its half width, both around zero. */
type Distribution = { readonly normal: number } | { readonly uniform: number }

function distributionOf(
  name: string,
  shape: readonly number[],
  config: ModelConfig,
  shapes: ReadonlyMap<string, readonly number[]>,
): Distribution {
  const { model_dim: d, head_num: heads, num_layers: layers } = config
  const fixup = 0.67 * layers ** -0.25
  const part = name.replace(/^encoder\.layers\.\d+\.(self_attn\.)?/, '')
  if (name.startsWith('mlp.')) {
    const inputs = shapes.get(name.replace(/bias$/, 'weight'))![1]
    return { uniform: inputs ** -0.5 }
  }
  switch (part) {
    case 'input_embeddings.weight':
      return { normal: d ** -0.5 * (9 * layers) ** -0.25 }
    case 'lattice_pos_weights':
      return { normal: (d / heads) ** -0.5 }
    case 'q_proj_weight':
    case 'k_proj_weight':
      return xavier(shape, 1)
    case 'v_proj_weight':
    case 'out_proj.weight':
    case 'linear1.weight':
    case 'linear2.weight':
      return xavier(shape, fixup)
    case 'pe_dist_proj':
    case 'proj_angle1':
    case 'proj_angle2':
    case 'proj_angle3':
    case 'proj_density1':
    case 'proj_density2': {
      const functions = shape[3]
      return xavier([d, functions], functions ** -0.5)
    }
    default:
      return { uniform: 0 }
  }
}

/** Uniform with the half width gain·√(6 / (fan in + fan out)) of a matrix [out, in] (Glorot and Bengio, 2010). */
function xavier([outputs, inputs]: readonly number[], gain: number): Distribution {
  return { uniform: gain * Math.sqrt(6 / (inputs + outputs)) }
}
