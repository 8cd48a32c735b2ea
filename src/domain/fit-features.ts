// The features of a domain from the embeddings of the crystals that a network learned from: a whitening by their
// covariance, and centres that are as far from each other as can be, each with what the network did around it.

import { symmetricEigenvectors } from '../math/symmetric.ts'
import { type Features, whitened } from './features.ts'
import { squaredDistance } from './nearest.ts'
import { packedFloat16, packedInt8 } from './packed.ts'
import { type Domain, MOST_AXES, MOST_CENTRES } from './section.ts'

/** Share of the mean variance that is added to every variance: an axis along which nothing varies stays finite. */
const SHRINKAGE = 1e-3
/** Standard deviations beyond which a centre is drawn in, so that the others keep their digits. */
const FARTHEST = 10
/** Numbers of targets in all centres together, at most. */
const MOST_VALUES = 40_000

/** One crystal that the network learned from. */
export interface Learned {
  /** [width] */
  readonly embedding: Float32Array
  /** in standard deviations of the targets */
  readonly error: number
  /** [targets] what it should be, standardised */
  readonly standardised: readonly number[]
}

/** @param crystals at least one */
export function fitFeatures(crystals: readonly Learned[]): NonNullable<Domain['features']> {
  const width = crystals[0].embedding.length
  const targets = crystals[0].standardised.length
  const axes = Math.min(MOST_AXES, width)
  const space = whiteningOf(
    crystals.map(({ embedding }) => embedding),
    axes,
  )
  const places = crystals.map(({ embedding }) => whitened(space, embedding))
  const { centres, nearest } = kCentres(
    places,
    Math.min(MOST_CENTRES, Math.max(1, Math.floor(MOST_VALUES / targets))),
  )
  const mean = (of: (crystal: Learned) => number) => meansAround(centres.length, nearest, crystals, of)
  const errors = mean(({ error }) => error)
  const values = new Float32Array(centres.length * targets)
  for (let t = 0; t < targets; t++) {
    for (const [n, value] of mean(({ standardised }) => standardised[t]).entries())
      values[n * targets + t] = value
  }
  const clipped = centres.map((c) => places[c].map((x) => Math.max(-FARTHEST, Math.min(FARTHEST, x))))
  const largest = clipped.reduce((most, place) => place.reduce((m, x) => Math.max(m, Math.abs(x)), most), 0)
  const step = largest > 0 ? largest / 127 : 1
  const rounded = Int8Array.from(clipped.flatMap((place) => [...place].map((x) => Math.round(x / step))))
  return {
    ...{ width, axes, centres: centres.length, step },
    mean: packedFloat16(space.mean),
    whitening: packedFloat16(space.whitening),
    places: packedInt8(rounded),
    errors: packedFloat16(errors),
    values: packedFloat16(values),
  }
}

/** Mean and the leading axes of a shrunk covariance, each divided by its standard deviation, as float16 keeps them. */
function whiteningOf(
  embeddings: readonly Float32Array[],
  axes: number,
): Pick<Features, 'mean' | 'whitening'> {
  const width = embeddings[0].length
  const mean = new Float32Array(width)
  for (const embedding of embeddings) {
    for (let c = 0; c < width; c++) mean[c] += embedding[c] / embeddings.length
  }
  const covariance = new Float64Array(width * width)
  for (const embedding of embeddings) {
    for (let a = 0; a < width; a++) {
      const x = (embedding[a] - mean[a]) / embeddings.length
      for (let b = 0; b <= a; b++) covariance[a * width + b] += x * (embedding[b] - mean[b])
    }
  }
  let variance = 0
  for (let a = 0; a < width; a++) {
    variance += covariance[a * width + a] / width
    for (let b = 0; b < a; b++) covariance[b * width + a] = covariance[a * width + b]
  }
  for (let a = 0; a < width; a++) covariance[a * width + a] += SHRINKAGE * variance
  const { values, axes: vectors } = symmetricEigenvectors(covariance, width)
  const whitening = Float32Array.from(
    { length: axes * width },
    (_, n) => vectors[n] / Math.sqrt(values[Math.floor(n / width)] || 1),
  )
  return { mean, whitening }
}

/**
 * Crystals that are far from each other, one after the other the one that is farthest from those before (Gonzalez 1985), and
 * which of them every crystal is nearest to.
 */
function kCentres(
  places: readonly Float64Array[],
  most: number,
): { readonly centres: number[]; readonly nearest: Int32Array } {
  const nearest = new Int32Array(places.length)
  const squared = new Float64Array(places.length).fill(Number.POSITIVE_INFINITY)
  const centres: number[] = []
  let next = 0
  while (centres.length < most && squared[next] > 0) {
    const centre = places[next]
    for (const [n, place] of places.entries()) {
      const distance = squaredDistance(place, 0, centre, squared[n])
      if (distance >= squared[n]) continue
      squared[n] = distance
      nearest[n] = centres.length
    }
    centres.push(next)
    next = squared.reduce((farthest, distance, n) => (distance > squared[farthest] ? n : farthest), 0)
  }
  return { centres, nearest }
}

function meansAround(
  centres: number,
  nearest: Int32Array,
  crystals: readonly Learned[],
  of: (crystal: Learned) => number,
): Float32Array {
  const sums = new Float64Array(centres)
  const counts = new Float64Array(centres)
  for (const [n, crystal] of crystals.entries()) {
    sums[nearest[n]] += of(crystal)
    counts[nearest[n]]++
  }
  return Float32Array.from(sums, (sum, c) => sum / counts[c])
}
