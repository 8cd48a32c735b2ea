// Where a run begins: at random weights, or at those of another run. Atoms in their surroundings are much the same for every
// property; the last layer is not: it starts anew for another property, and is kept for more labels of the same one.

import type { NetworkConfig } from '../../models/network.ts'
import { checkTrained, networkOf } from '../../models/registry.ts'
import type { Weights, WeightTensor } from '../../models/safetensors.ts'
import type { TargetScaling } from '../data/scaling.ts'
import { TrainingError } from '../errors.ts'
import type { Transform } from '../math/transform.ts'

/** A trained network to go on from: what `readRun` gives; of a model file `storedWeights`, and config and targets of its card. */
export interface StartingPoint {
  /** By name. */
  readonly weights: Weights
  /** Of the network. */
  readonly config: NetworkConfig
  /** What it predicts, with the scaling that it was trained with; needed where the last layer is kept. */
  readonly targets?: readonly TargetScaling[]
}

/** A target as a run is given it. */
interface GivenTarget {
  readonly name: string
  readonly unit?: string
  readonly transform?: Transform | 'none'
}

/**
 * The targets as the network to start from knows them.
 * @throws TrainingError for one that it has not learned, or in another unit
 */
export function learnedBefore(
  from: StartingPoint | undefined,
  targets: readonly GivenTarget[],
): TargetScaling[] {
  return targets.map(({ name, unit, transform }) => {
    const found = from?.targets?.find((target) => target.name === name)
    const refuse = (why: string) => new TrainingError(`the last layer cannot be kept: ${why}`)
    if (!found) {
      const known = from?.targets?.map((target) => target.name).join(', ')
      throw refuse(
        `there is no ${name} in the network to start from${known ? `, which predicts ${known}` : ''}`,
      )
    }
    if (unit !== undefined && unit !== found.unit) {
      throw refuse(`the unit of ${name} is ${unit}, the network to start from has ${found.unit}`)
    }
    const [given, before] = [transform ?? found.transform ?? 'none', found.transform ?? 'none']
    if (given === before) return found
    throw refuse(`the transform of ${name} is ${given}, that of the network to start from ${before}`)
  })
}

/**
 * Weights of step 0, determined by `seed`.
 * @param config that of `from` but for the number of targets
 * @param kept the scaling of targets, their std that of `from`, whose part of the last layer is kept; the layer starts anew without
 * @throws WeightsError when the weights of `from` are not those of its configuration, or were never trained
 */
export function startingWeights(
  config: NetworkConfig,
  seed: number,
  from: StartingPoint | undefined,
  kept?: readonly TargetScaling[],
): Weights {
  const network = networkOf(config)
  const fresh = network.initialise(config, seed)
  if (!from) return fresh
  checkTrained(from.weights, from.config)
  const head = kept ? keptHead(config, from, kept) : new Map<string, WeightTensor>()
  const last = [network.lastLayer(config)].flat()
  return new Map(
    [...fresh].map(([name, tensor]) => [
      name,
      head.get(name) ??
        (last.some((layer) => name.startsWith(`${layer}.`)) ? tensor : from.weights.get(name)!),
    ]),
  )
}

/** The rows of the last layer for these targets: out·std + mean stays what it was, with another mean. */
function keptHead(
  config: NetworkConfig,
  { weights, targets = [] }: StartingPoint,
  kept: readonly TargetScaling[],
): Map<string, WeightTensor> {
  const rows = kept.map(({ name }) => targets.findIndex((target) => target.name === name))
  const shift = kept.map(({ mean, std }, t) => (targets[rows[t]].mean - mean) / std)
  const head = new Map<string, WeightTensor>()
  for (const layer of [networkOf(config).lastLayer(config)].flat()) {
    const weight = weights.get(`${layer}.weight`)!
    const bias = weights.get(`${layer}.bias`)!
    const inputs = weight.shape[1]
    head.set(`${layer}.weight`, {
      shape: [kept.length, inputs],
      data: Float32Array.from(
        { length: kept.length * inputs },
        (_, n) => weight.data[rows[Math.floor(n / inputs)] * inputs + (n % inputs)],
      ),
    })
    head.set(`${layer}.bias`, {
      shape: [kept.length],
      data: Float32Array.from(kept, (_, t) => bias.data[rows[t]] + shift[t]),
    })
  }
  return head
}
