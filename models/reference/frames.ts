// Frames and the angular encoding in float64, by plain loops straight from their definitions (docs/mathematics.md §6).
// Part of models/reference/forward.ts; shares no code with the tensors of the network in models/crystalframer/frames, nor with src/periodic.

import type { Structure } from '../../src/crystal/structure.ts'
import type { Vec3 } from '../../src/math/vectors.ts'
import type { CrystalframerConfig } from '../attention/config.ts'
import { eigenvectors } from './axes.ts'
import { latticeAxes, momentOf, principalAxesOf } from './cell-geometry.ts'
import { type Signature, signatureOf } from './signature.ts'
import { NEGLIGIBLE } from './sums.ts'
import { cross, dot, minus, scaled, unit } from './vectors.ts'

/** Three axes as rows. */
export type Frame = readonly [Vec3, Vec3, Vec3]

/** A frame, and its share in the mean over several. */
export interface SharedFrame {
  readonly frame: Frame
  readonly share: number
}

/** The images of one atom i and what one head makes of them. */
export interface WeighedImages {
  /** r_n in Å; grouped by the atom they are images of, in scan order */
  readonly vectors: readonly Vec3[]
  /** s_ij of the atom that each is an image of */
  readonly scores: readonly number[]
  /** −1/2σ², Å⁻² */
  readonly a: number
}

/** The angular Gaussians b_t(u): see docs/mathematics.md §6.1. */
export interface AngularGaussians {
  readonly count: number
  readonly width: number
  /** |u| instead of u */
  readonly folded: boolean
  /** published: only the Gaussians within 4 widths, of which there are at most this many */
  readonly window: number | undefined
}

/** An image this near (Å²) is the atom itself, which has no direction. */
export const OWN = 1e-5
/** An image at less than about a degree from e1 cannot define e2. */
const PARALLEL = 0.9999
/** Log weights within this of the best are tied, but for `ties: 'first'`. */
const TIE = 1e-3
/** Principal moments that differ by less than this share of the largest are equal, but for `ties: 'first'`. */
const EQUAL = 1e-2

/** Which of the tied directions: the first in scan order, or that of largest (1) or smallest (−1) signature. */
type Extreme = 1 | -1 | undefined

/** The frames of one atom and head, to be averaged over: one, or several where directions are tied; none of a density. */
export function referenceFrames(
  images: WeighedImages,
  structure: Structure,
  config: CrystalframerConfig,
): SharedFrame[] {
  const frames = framesOf(images, structure, config)
  return frames.map((frame) => ({ frame, share: 1 / frames.length }))
}

function framesOf(images: WeighedImages, structure: Structure, config: CrystalframerConfig): Frame[] {
  const average = config.ties === 'average'
  switch (config.frame_method) {
    case 'max':
    case 'max_static':
      if (config.ties === 'first') return maxFrames(images, config, [undefined])
      return maxFrames(images, config, average ? [1, -1] : [1])
    case 'weighted_pca': {
      const frame = weightedPrincipalFrame(images, config)
      return average ? allSigns(frame) : [frame]
    }
    case 'pca':
      return average ? allSigns(principalAxesOf(structure)) : [principalAxesOf(structure)]
    case 'lattice':
      return average ? allSigns(latticeAxes(structure.lattice)) : [latticeAxes(structure.lattice)]
    case 'density':
      return []
  }
}

/**
 * Σ_n p_n·b(e_m·r_n/|r_n|) of the images of one atom j for one axis, added to `profile` times `factor`.
 * @param shares p_n
 */
export function addAngular(
  profile: Float64Array,
  factor: number,
  axis: Vec3,
  vectors: readonly Vec3[],
  shares: ArrayLike<number>,
  { count, width, folded, window }: AngularGaussians,
): void {
  const step = (folded ? 1 : 2) / (count - 1)
  vectors.forEach((r, n) => {
    const d2 = dot(r, r)
    if (d2 <= OWN || shares[n] < NEGLIGIBLE) return
    const cosine = dot(axis, r) / Math.sqrt(d2)
    const u = folded ? Math.abs(cosine) : cosine
    let from = 0
    let to = count
    if (window !== undefined) {
      to = Math.max(window, Math.trunc(Math.min((u + 1 + 4 * width) / step + 1, count)))
      from = to - window
    }
    for (let t = from; t < to; t++) {
      const z = (u - (1 - step * (count - 1 - t))) / width
      profile[t] += factor * shares[n] * Math.exp(-0.5 * z * z)
    }
  })
}

/** e1 along the image of largest weight, e2 along the next one that is not parallel to it. Ito et al. 2025. */
function maxFrames(
  images: WeighedImages,
  config: CrystalframerConfig,
  extremes: readonly Extreme[],
): Frame[] {
  const units = unitsOf(images)
  const signature = signatureOf(units, logWeightsOf(images))
  return extremes.map((extreme) => {
    const e1 = firstAxis(images, units, config, extreme, signature)
    const e2 = axisBeside(e1, images, units, config, extreme, signature)
    return [e1, e2, cross(e1, e2)]
  })
}

/** r_n/|r_n|, zero for the atom itself. */
export function unitsOf({ vectors }: WeighedImages): Vec3[] {
  return vectors.map((r) => scaled(r, dot(r, r) > OWN ? 1 / Math.sqrt(dot(r, r)) : 0))
}

export function logWeightsOf({ vectors, scores, a }: WeighedImages): number[] {
  return vectors.map((r, n) => a * dot(r, r) + scores[n])
}

/** The direction of the image of largest weight, in static frames without the scores. */
function firstAxis(
  { vectors, scores, a }: WeighedImages,
  units: readonly Vec3[],
  { frame_method: method }: CrystalframerConfig,
  extreme: Extreme,
  signature: Signature,
): Vec3 {
  const values = vectors.map((r, n) => {
    const d2 = dot(r, r)
    return d2 > OWN ? a * d2 + (method === 'max_static' ? 0 : scores[n]) : Number.NEGATIVE_INFINITY
  })
  return units[chosen(values, extreme, (n) => signature(units[n]))]
}

/** The part across e1 of the direction of the image of largest weight that is not parallel to e1. */
function axisBeside(
  e1: Vec3,
  { vectors, scores, a }: WeighedImages,
  units: readonly Vec3[],
  { frame_method: method, static_axis }: CrystalframerConfig,
  extreme: Extreme,
  signature: Signature,
): Vec3 {
  const isStatic = method === 'max_static'
  const slope = isStatic ? (static_axis === 'farthest' ? 1 : -1) : a
  const values = vectors.map((r, n) => {
    const d2 = dot(r, r)
    const cosine = Math.abs(dot(units[n], e1))
    if (!(d2 > OWN && cosine < PARALLEL)) return Number.NEGATIVE_INFINITY
    return slope * d2 + (isStatic ? 0 : scores[n]) + Math.log(Math.max(1 - cosine, 1e-5))
  })
  const second = units[chosen(values, extreme, (n) => signature(units[n], e1))]
  return unit(minus(second, scaled(e1, dot(e1, second))))
}

/** The index of the largest value; of those tied with it, the first, or the one of extreme signature. */
function chosen(values: readonly number[], extreme: Extreme, signature: (n: number) => number): number {
  const best = Math.max(...values)
  if (extreme === undefined) return values.indexOf(best)
  const tied = [...values.keys()].filter((n) => values[n] >= best - TIE)
  const marks = tied.map((n) => extreme * signature(n))
  return tied[marks.indexOf(Math.max(...marks))]
}

/**
 * Principal axes of Σ P·r rᵀ over all images, by ascending moment, right-handed, each pointing to where the signature is
 * larger. Between equal moments the images decide, as in a max frame: of three, all axes; of two, the axis across the
 * third.
 */
function weightedPrincipalFrame(images: WeighedImages, config: CrystalframerConfig): Frame {
  const units = unitsOf(images)
  const arms = config.pca_unit_vectors ? units : images.vectors
  const logWeights = logWeightsOf(images)
  const largest = Math.max(...logWeights)
  const weights = logWeights.map((w) => Math.exp(w - largest))
  const { values, axes } = eigenvectors(momentOf(arms, (n) => weights[n]))
  const signature = signatureOf(units, logWeights)
  const pointed = (e: Vec3, e1?: Vec3) => {
    const back = scaled(e, -1)
    return signature(e, e1) >= signature(back, e1) ? e : back
  }
  const areEqual = (n: number) => config.ties !== 'first' && values[n + 1] - values[n] <= EQUAL * values[2]
  const [lower, upper] = [areEqual(0), areEqual(1)]

  const certain = pointed(lower ? axes[2] : axes[0])
  const pole = lower && upper ? firstAxis(images, units, config, 1, signature) : certain
  const middle = pointed(axes[1], pole)
  const second = lower || upper ? axisBeside(pole, images, units, config, 1, signature) : middle
  const third = cross(pole, second)
  return lower && !upper ? [second, third, pole] : [pole, second, third]
}

/** The four right-handed frames with the same three lines as axes. */
function allSigns([e1, e2, e3]: Frame): Frame[] {
  const back = (e: Vec3) => scaled(e, -1)
  return [
    [e1, e2, e3],
    [e1, back(e2), back(e3)],
    [back(e1), e2, back(e3)],
    [back(e1), back(e2), e3],
  ]
}
