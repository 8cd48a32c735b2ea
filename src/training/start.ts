// Where a run begins: at random weights, or at those of another run, whose network then learns another property. Atoms
// in their surroundings are much the same for every property; the last layer is not, and starts anew.

import type { NetworkConfig } from '../../models/network.ts'
import { checkTrained, networkOf } from '../../models/registry.ts'
import type { Weights } from '../../models/safetensors.ts'

/** A trained network to go on from, of which everything but the last layer is taken: what `readRun` gives. */
export interface StartingPoint {
  /** By name. */
  readonly weights: Weights
  /** Of the network. */
  readonly config: NetworkConfig
}

/**
 * Weights of step 0, determined by `seed`.
 * @param config that of `from` but for the number of targets
 * @throws WeightsError when the weights of `from` are not those of its configuration, or were never trained
 */
export function startingWeights(
  config: NetworkConfig,
  seed: number,
  from: StartingPoint | undefined,
): Weights {
  const network = networkOf(config)
  const fresh = network.initialise(config, seed)
  if (!from) return fresh
  checkTrained(from.weights, from.config)
  const last = [network.lastLayer(config)].flat()
  return new Map(
    [...fresh].map(([name, tensor]) => [
      name,
      last.some((layer) => name.startsWith(`${layer}.`)) ? tensor : from.weights.get(name)!,
    ]),
  )
}
