// Puts the target scaling into the last linear layer, so that the graph gives properties in their unit, or what was learned
// of them.

import type { NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { Weights } from '../../models/safetensors.ts'
import { ConfigError } from '../../src/errors.ts'
import type { Transform } from '../../src/math/transform.ts'

/** What one output column predicts: output·std + mean, in `unit`, or the number whose `transform` that is. */
export interface Target {
  /** such as `e_form` */
  readonly name: string
  /** such as `eV/atom`; `1` for none */
  readonly unit: string
  /** of what was learned of the training crystals, in `unit` where that is the value */
  readonly mean: number
  /** the same; positive */
  readonly std: number
  /** what was learned instead of the value */
  readonly transform?: Transform
}

/** W·std and b·std + mean in float64, rounded once. @throws ConfigError when the targets are not those of the head. */
export function foldTargets(weights: Weights, config: NetworkConfig, targets: readonly Target[]): Weights {
  if (targets.length !== config.num_targets) {
    throw new ConfigError(`${targets.length} targets for a head of ${config.num_targets} outputs`)
  }
  for (const { name, mean, std } of targets) {
    if (!Number.isFinite(mean) || !(std > 0 && Number.isFinite(std))) {
      throw new ConfigError(
        `target "${name}": mean ${mean} and std ${std}, expected finite numbers and a positive std`,
      )
    }
  }
  const folded = new Map(weights)
  for (const last of [networkOf(config).lastLayer(config)].flat()) {
    const weight = weights.get(`${last}.weight`)!
    const bias = weights.get(`${last}.bias`)!
    const [, inputs] = weight.shape
    folded.set(`${last}.weight`, {
      shape: weight.shape,
      data: weight.data.map((w, n) => w * targets[Math.floor(n / inputs)].std),
    })
    folded.set(`${last}.bias`, {
      shape: bias.shape,
      data: bias.data.map((b, t) => b * targets[t].std + targets[t].mean),
    })
  }
  return folded
}
