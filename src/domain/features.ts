// The features of a network in the domain of a model: whitened, and compared with centres among those of the crystals that
// it learned from. A centre stands for the crystals that are nearer to it than to any other one.

import { type Near, nearestIn, type Places } from './nearest.ts'
import { unpackedFloat16, unpackedInt8 } from './packed.ts'
import type { Domain } from './section.ts'

/** Centres whose mean counts. */
const NEAREST = 5

/** The features of a domain as numbers. */
export interface Features {
  /** [width] */
  readonly mean: Float32Array
  /** [axes, width] */
  readonly whitening: Float32Array
  /** [centres, axes] */
  readonly centres: Places
  /** [centres] in standard deviations of the targets */
  readonly errors: Float32Array
  /** [centres, targets] standardised */
  readonly values: Float32Array
}

/** What the centres around a crystal say of it. */
export interface Neighbourhood {
  /** mean distance, in standard deviations of the features */
  readonly distance: number
  /** mean error of the network there, in standard deviations of the targets */
  readonly error: number
  /** [targets] mean targets there, standardised */
  readonly values: readonly number[]
}

/** Undefined where a domain has none, or its numbers are not what its sizes say. */
export function featuresOf({
  features,
  targets,
}: Pick<Domain, 'features' | 'targets'>): Features | undefined {
  if (!features) return undefined
  const { width, axes, centres, step } = features
  const mean = unpackedFloat16(features.mean, width)
  const whitening = unpackedFloat16(features.whitening, axes * width)
  const whole = unpackedInt8(features.places, centres * axes)
  const errors = unpackedFloat16(features.errors, centres)
  const values = unpackedFloat16(features.values, centres * targets.length)
  if (!mean || !whitening || !whole || !errors || !values) return undefined
  const places = new Float32Array(whole.length)
  for (let n = 0; n < places.length; n++) places[n] = whole[n] * step
  return { mean, whitening, centres: { whole, step, places }, errors, values }
}

/** An embedding [width] in whitened space, [axes]. */
export function whitened(
  { mean, whitening }: Pick<Features, 'mean' | 'whitening'>,
  embedding: ArrayLike<number>,
): Float64Array {
  const width = mean.length
  const place = new Float64Array(whitening.length / width)
  for (let k = 0; k < place.length; k++) {
    let sum = 0
    for (let c = 0; c < width; c++) sum += whitening[k * width + c] * (embedding[c] - mean[c])
    place[k] = sum
  }
  return place
}

/** What the centres around an embedding say of it. */
export function neighbourhoodIn(features: Features): (embedding: ArrayLike<number>) => Neighbourhood {
  const { centres, errors, values } = features
  const targets = values.length / errors.length
  const nearest = nearestIn(centres, centres.whole.length / errors.length, NEAREST)
  return (embedding) => {
    const near = nearest(whitened(features, embedding))
    const mean = (of: (near: Near) => number) => near.reduce((sum, one) => sum + of(one), 0) / near.length
    return {
      distance: mean(({ squared }) => Math.sqrt(squared)),
      error: mean(({ n }) => errors[n]),
      values: Array.from({ length: targets }, (_, t) => mean(({ n }) => values[n * targets + t])),
    }
  }
}
