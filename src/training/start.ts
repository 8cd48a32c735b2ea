// Where a run begins: at random weights, or at those of another run, whose network then learns another property. Atoms
// in their surroundings are much the same for every property; the last layer is not, and starts anew.

import type { ModelConfig } from '../../models/attention/config.ts'
import { initialiseWeights } from '../../models/attention/initialise.ts'
import { checkTrained, checkWeights, headLayers } from '../../models/attention/parameters.ts'
import type { Weights } from '../../models/safetensors.ts'

/** A trained network to go on from, of which everything but the last layer is taken: what `readRun` gives. */
export interface StartingPoint {
  readonly weights: Weights
  readonly config: ModelConfig
}

/**
 * Weights of step 0, determined by `seed`.
 * @param config that of `from` but for the number of targets
 * @throws WeightsError when the weights of `from` are not those of its configuration, or were never trained
 */
export function startingWeights(config: ModelConfig, seed: number, from: StartingPoint | undefined): Weights {
  const fresh = initialiseWeights(config, seed)
  if (!from) return fresh
  checkWeights(from.weights, from.config)
  checkTrained(from.weights, from.config)
  const last = headLayers(config).at(-1)!.name
  return new Map(
    [...fresh].map(([name, tensor]) => [
      name,
      name.startsWith(`${last}.`) ? tensor : from.weights.get(name)!,
    ]),
  )
}
