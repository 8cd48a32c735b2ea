// How far the converged sum and the box of the published code are apart for given weights, measured in float64.

import type { ModelConfig } from '../../models/attention/config.ts'
import type { Mode } from '../../models/geometry.ts'
import { referenceForward } from '../../models/reference/forward.ts'
import type { Weights } from '../../models/safetensors.ts'
import type { Structure } from '../crystal/structure.ts'

/** A sample and what one mode gives for it, in the unit of each target. */
export interface Evaluated {
  readonly structure: Structure
  readonly value: readonly number[]
}

export interface ModeDifference {
  readonly samples: number
  /** Largest difference between the modes, in the unit of the target. */
  readonly max_abs: number
  /** The same in standard deviations of the training targets. */
  readonly max_std: number
}

/** The reference takes time with the square of the atoms, and more with frames: seconds beyond these. */
const MAX_ATOMS = { crystalformer: 6, crystalframer: 2 } as const

/** Evaluates the small ones of `samples` in the mode other than `mode`. Takes about a second. */
export function modeDifference(
  model: {
    readonly weights: Weights
    readonly config: ModelConfig
    readonly targets: readonly { mean: number; std: number }[]
  },
  samples: readonly Evaluated[],
  mode: Mode,
): ModeDifference {
  const other = mode === 'converged' ? 'published' : 'converged'
  const small = samples.filter(
    ({ structure }) => structure.frac.length <= MAX_ATOMS[model.config.architecture],
  )
  let maxAbs = 0
  let maxStd = 0
  for (const { structure, value } of small) {
    const output = referenceForward(model.weights, model.config, structure, other).value
    for (const [t, { mean, std }] of model.targets.entries()) {
      const difference = Math.abs(output[t] * std + mean - value[t])
      maxAbs = Math.max(maxAbs, difference)
      maxStd = Math.max(maxStd, difference / std)
    }
  }
  return { samples: small.length, max_abs: maxAbs, max_std: maxStd }
}
