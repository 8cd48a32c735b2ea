// Weights as after some training, for tests: nothing is zero, so a term that is dropped or swapped shows.

import type { ModelConfig } from '../../models/attention/config.ts'
import { initialiseWeights } from '../../models/attention/initialise.ts'
import type { Weights } from '../../models/safetensors.ts'
import { sfc32 } from '../../src/math/random/sfc32.ts'

/** Initial weights with noise on every tensor, stronger attention, and stored statistics. */
export function livelyWeights(config: ModelConfig, seed: number): Weights {
  const { uniform } = sfc32(seed)
  return new Map(
    [...initialiseWeights(config, seed)].map(([name, { shape, data }]) => {
      if (name.endsWith('gauss_scale'))
        return [name, { shape, data: Float32Array.of(2 + uniform(), uniform() - 0.5) }]
      const gain = /pe_dist_proj|proj_angle|proj_density|[qk]_proj|input_embeddings/.test(name) ? 3 : 1
      return [name, { shape, data: data.map((x) => gain * x + 0.1 * (uniform() - 0.5)) }]
    }),
  )
}
