// The features of a network in the domain of a model: whitened, and compared with centres among those of the crystals that
// it learned from. A centre stands for the crystals that are nearer to it than to any other one.

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
  readonly places: Float32Array
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
  const places = unpackedInt8(features.places, centres * axes)
  const errors = unpackedFloat16(features.errors, centres)
  const values = unpackedFloat16(features.values, centres * targets.length)
  if (!mean || !whitening || !places || !errors || !values) return undefined
  const scaled = new Float32Array(places.length)
  for (let n = 0; n < scaled.length; n++) scaled[n] = places[n] * step
  return { mean, whitening, places: scaled, errors, values }
}

/** An embedding [width] in whitened space, [axes]. */
export function whitened(
  { mean, whitening }: Pick<Features, 'mean' | 'whitening'>,
  embedding: ArrayLike<number>,
): Float64Array {
  const width = mean.length
  return Float64Array.from({ length: whitening.length / width }, (_, k) => {
    let sum = 0
    for (let c = 0; c < width; c++) sum += whitening[k * width + c] * (embedding[c] - mean[c])
    return sum
  })
}

/** @param place of a crystal in whitened space */
export function neighbourhood({ places, errors, values }: Features, place: Float64Array): Neighbourhood {
  const axes = place.length
  const nearest: { centre: number; squared: number }[] = []
  for (let centre = 0; centre < errors.length; centre++) {
    const worst = nearest.length < NEAREST ? Number.POSITIVE_INFINITY : nearest[NEAREST - 1].squared
    const squared = squaredDistance(places, centre * axes, place, worst)
    if (squared >= worst) continue
    if (nearest.length === NEAREST) nearest.pop()
    const at = nearest.findIndex((other) => other.squared > squared)
    nearest.splice(at < 0 ? nearest.length : at, 0, { centre, squared })
  }
  const mean = (of: (near: (typeof nearest)[number]) => number) =>
    nearest.reduce((sum, near) => sum + of(near), 0) / nearest.length
  const targets = values.length / errors.length
  return {
    distance: mean(({ squared }) => Math.sqrt(squared)),
    error: mean(({ centre }) => errors[centre]),
    values: Array.from({ length: targets }, (_, t) => mean(({ centre }) => values[centre * targets + t])),
  }
}

/** |places[from …] − place|², or something larger than `most` once it is that. */
export function squaredDistance(
  places: ArrayLike<number>,
  from: number,
  place: Float64Array,
  most = Number.POSITIVE_INFINITY,
): number {
  let sum = 0
  for (let k = 0; k < place.length && sum < most; k++) sum += (places[from + k] - place[k]) ** 2
  return sum
}
