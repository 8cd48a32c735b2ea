// Standardisation of targets: a network learns (y − mean)/std, a prediction is out·std + mean, of the value or of its
// logarithm (math/transform.ts). The numbers travel in the card of an exported model. Crystals may lack some targets, but
// not all of them.

import { DatasetError } from '../errors.ts'
import { momentsOf } from '../math/moments.ts'
import { learned, restored, type Transform } from '../math/transform.ts'
import type { CrystalList } from './crystals.ts'

/** One target and the statistics of its train split. */
export interface TargetScaling {
  /** key in `targets` */
  readonly name: string
  /** such as `eV/atom` */
  readonly unit: string
  /** of the train split, in `unit`; of what the network learns, where that is another */
  readonly mean: number
  /** population standard deviation (divided by n, not n − 1), as the published models use; positive */
  readonly std: number
  /** what the network learns instead of the value */
  readonly transform?: Transform
}

/** A target before its statistics are known. */
export type TargetName = Omit<TargetScaling, 'mean' | 'std'>

/**
 * Mean and standard deviation of each target over the crystals of the TRAIN split that carry it.
 * @throws DatasetError when none does, or all values of a target are the same.
 */
export function fitScaling(
  train: Pick<CrystalList, 'length' | 'valuesOf'>,
  targets: readonly TargetName[],
): TargetScaling[] {
  return targets.map((target) => {
    const { name, unit, transform } = target
    const values = Array.from(train.valuesOf(name)).filter((value) => !Number.isNaN(value))
    if (values.length === 0) {
      throw new DatasetError(`none of the ${train.length} train crystals has a target "${name}"`)
    }
    const { mean, std } = momentsOf(values.map((value) => learned(value, target)))
    // A constant column still has a tiny std by rounding, and dividing by it would train on noise.
    if (!(std > 1e-12 * Math.abs(mean))) {
      throw new DatasetError(
        `target "${name}" is ${values[0]} for all ${values.length} train crystals; there is nothing to learn`,
      )
    }
    return { name, unit, mean, std, ...(transform && { transform }) }
  })
}

/** Standardised targets, row major [crystals, targets]; NaN where one is missing. @throws DatasetError for a crystal without any. */
export function standardisedTargets(
  crystals: Pick<CrystalList, 'length' | 'at' | 'valuesOf'>,
  scaling: readonly TargetScaling[],
): Float32Array {
  const values = scaling.map(({ name }) => crystals.valuesOf(name))
  const out = new Float32Array(crystals.length * scaling.length)
  for (let c = 0; c < crystals.length; c++) {
    if (values.every((column) => Number.isNaN(column[c]))) {
      const { id, targets } = crystals.at(c)
      const [wanted, has] = [scaling.map(({ name }) => `"${name}"`), Object.keys(targets)].map((names) =>
        names.join(' or '),
      )
      throw new DatasetError(`crystal "${id}" has no target ${wanted}; it has: ${has || 'none'}`)
    }
    scaling.forEach((target, t) => {
      const { mean, std } = target
      out[c * scaling.length + t] = (learned(values[t][c], target) - mean) / std
    })
  }
  return out
}

/** Network outputs, row major [crystals, targets], back in the unit of each target. */
export function unscale(outputs: ArrayLike<number>, scaling: readonly TargetScaling[]): Float64Array {
  return Float64Array.from(outputs, (y, i) => {
    const target = scaling[i % scaling.length]
    return restored(y * target.std + target.mean, target)
  })
}
