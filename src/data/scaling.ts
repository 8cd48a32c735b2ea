// Standardisation of targets: a network learns (y − mean)/std, a prediction is out·std + mean. The numbers travel in
// the card of an exported model.

import { DatasetError } from '../errors.ts'
import { momentsOf } from '../math/moments.ts'
import type { LabelledCrystal } from './labelled.ts'

/** One target and the statistics of its train split. */
export interface TargetScaling {
  /** key in `targets` */
  readonly name: string
  /** such as `eV/atom` */
  readonly unit: string
  /** of the train split, in `unit` */
  readonly mean: number
  /** population standard deviation (divided by n, not n − 1), as the published models use; positive */
  readonly std: number
}

/**
 * Mean and standard deviation of each target over the crystals of the TRAIN split.
 * @throws DatasetError when a crystal lacks a target, or all values of a target are the same.
 */
export function fitScaling(
  train: readonly LabelledCrystal[],
  targets: readonly { readonly name: string; readonly unit: string }[],
): TargetScaling[] {
  if (train.length === 0) throw new DatasetError('no crystals to take the target scaling from')
  return targets.map(({ name, unit }) => {
    const { mean, std } = momentsOf(train.map((crystal) => target(crystal, name)))
    // A constant column still has a tiny std by rounding, and dividing by it would train on noise.
    if (!(std > 1e-12 * Math.abs(mean))) {
      throw new DatasetError(
        `target "${name}" is ${mean} for all ${train.length} train crystals; there is nothing to learn`,
      )
    }
    return { name, unit, mean, std }
  })
}

/** Standardised targets, row major [crystals, targets]. @throws DatasetError when a crystal lacks one. */
export function standardisedTargets(
  crystals: readonly LabelledCrystal[],
  scaling: readonly TargetScaling[],
): Float32Array {
  const out = new Float32Array(crystals.length * scaling.length)
  crystals.forEach((crystal, c) => {
    scaling.forEach(({ name, mean, std }, t) => {
      out[c * scaling.length + t] = (target(crystal, name) - mean) / std
    })
  })
  return out
}

/** Network outputs, row major [crystals, targets], back in the unit of each target. */
export function unscale(outputs: ArrayLike<number>, scaling: readonly TargetScaling[]): Float64Array {
  return Float64Array.from(outputs, (y, i) => {
    const { mean, std } = scaling[i % scaling.length]
    return y * std + mean
  })
}

function target(crystal: LabelledCrystal, name: string): number {
  const value = crystal.targets[name]
  if (value === undefined) {
    const names = Object.keys(crystal.targets).join(', ') || 'none'
    throw new DatasetError(`crystal "${crystal.id}" has no target "${name}"; it has: ${names}`)
  }
  return value
}
