// Frames and the angular encoding in float64, by plain loops straight from their definitions (docs/mathematics.md §6).
// Part of models/reference.ts; shares no code with the tensors of the network in models/frames.

import type { Mat3, Structure, Vec3 } from '../src/crystal/structure.ts'
import { latticeFrame, principalFrame } from '../src/periodic/frames.ts'
import { principalAxes } from '../src/periodic/principal-axes.ts'
import type { CrystalframerConfig } from './config.ts'
import { NEGLIGIBLE } from './reference-sums.ts'

/** Three axes as rows. */
export type Frame = readonly [Vec3, Vec3, Vec3]

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
const OWN = 1e-5
/** An image at less than about a degree from e1 cannot define e2. */
const PARALLEL = 0.9999
/** Log weights within this of the best are tied, but for `ties: 'first'`. */
const TIE = 1e-3

/** The frames of one atom and head, to be averaged over: one, or several where directions are tied. */
export function referenceFrames(
  images: WeighedImages,
  structure: Structure,
  config: CrystalframerConfig,
): Frame[] {
  const average = config.ties === 'average'
  switch (config.frame_method) {
    case 'max':
    case 'max_static':
      if (config.ties === 'first') return [maxFrame(images, config, undefined)]
      return (average ? ([1, -1] as const) : ([1] as const)).map((sign) => maxFrame(images, config, sign))
    case 'weighted_pca': {
      const frame = weightedPrincipalFrame(images, config)
      return average ? allSigns(frame) : [frame]
    }
    case 'pca':
      return average ? allSigns(principalFrame(structure)) : [principalFrame(structure)]
    case 'lattice':
      return average ? allSigns(latticeFrame(structure.lattice)) : [latticeFrame(structure.lattice)]
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

/**
 * e1 along the image of largest weight, e2 along the next one that is not parallel to it, e3 = e1 × e2. Ito et al. 2025.
 * @param extreme which of the tied directions: the first in scan order, or that of largest (1) or smallest (−1) signature
 */
function maxFrame(
  { vectors, scores, a }: WeighedImages,
  config: CrystalframerConfig,
  extreme: 1 | -1 | undefined,
): Frame {
  const isStatic = config.frame_method === 'max_static'
  const squared = vectors.map((r) => dot(r, r))
  const units = vectors.map((r, n) => scaled(r, squared[n] > OWN ? 1 / Math.sqrt(squared[n]) : 0))
  const score = scores.map((s) => (isStatic ? 0 : s))
  const signature =
    extreme === undefined
      ? () => 0
      : signatureOf(
          units,
          squared.map((d2, n) => a * d2 + scores[n]),
        )
  const choose = (values: readonly number[], mark: (u: Vec3) => number) =>
    units[chosen(values, extreme, (n) => mark(units[n]))]

  const e1 = choose(
    squared.map((d2, n) => (d2 > OWN ? a * d2 + score[n] : Number.NEGATIVE_INFINITY)),
    signature,
  )
  const slope = isStatic ? (config.static_axis === 'farthest' ? 1 : -1) : a
  const second = choose(
    squared.map((d2, n) => {
      const cosine = Math.abs(dot(units[n], e1))
      if (!(d2 > OWN && cosine < PARALLEL)) return Number.NEGATIVE_INFINITY
      return slope * d2 + score[n] + Math.log(Math.max(1 - cosine, 1e-5))
    }),
    extreme === undefined ? signature : (u) => signature(u, e1),
  )
  const e2 = unit(minus(second, scaled(e1, dot(e1, second))))
  return [e1, e2, cross(e1, e2)]
}

/** The index of the largest value; of those tied with it, the first, or the one of extreme signature. */
function chosen(
  values: readonly number[],
  extreme: 1 | -1 | undefined,
  signature: (n: number) => number,
): number {
  const best = Math.max(...values)
  if (extreme === undefined) return values.indexOf(best)
  const tied = [...values.keys()].filter((n) => values[n] >= best - TIE)
  const marks = tied.map((n) => extreme * signature(n))
  return tied[marks.indexOf(Math.max(...marks))]
}

/**
 * A number for a direction û that depends only on how it lies in the weighed surroundings of the atom: the same for
 * directions that a rotation of the surroundings takes into each other, in general another for any others, mirror
 * images included. With `e1`, a number for û as the second axis. docs/decisions/010-ties.md.
 */
function signatureOf(
  units: readonly Vec3[],
  logWeights: readonly number[],
): (direction: Vec3, e1?: Vec3) => number {
  const others = [...units.keys()].filter((n) => dot(units[n], units[n]) > 0.5)
  const largest = Math.max(...others.map((n) => logWeights[n]))
  const weights = others.map((n) => Math.exp(logWeights[n] - largest))
  const total = weights.reduce((x, y) => x + y, 0)
  /** ⟨f(r̂)⟩ */
  const mean = (f: (r: Vec3) => number) =>
    others.reduce((sum, n, index) => sum + weights[index] * f(units[n]), 0) / total
  const v = vector((c) => mean((r) => r[c]))
  const M = [0, 1, 2].map((d) => vector((c) => mean((r) => r[d] * r[c])))
  const turned = (r: Vec3) => vector((d) => dot(M[d], r))

  return (u, e1) => {
    if (e1) {
      const normal = cross(e1, u)
      const beside = (r: Vec3) => {
        const [x, y, z] = [e1, u, normal].map((axis) => dot(axis, r))
        const along =
          1 + x + x ** 2 + x ** 3 + 0.7 * y * (1 + x + x ** 2) + 1.3 * y ** 2 * (1 + x) + 0.9 * y ** 3
        return along * (y + 2 * z)
      }
      return mean(beside) + 0.5 * dot(e1, u)
    }
    const ahead = plus(v, turned(u))
    return mean((r) => {
      const s = dot(u, r)
      const handed = dot(u, cross(plus(scaled(ahead, s), turned(r)), r))
      return s + 0.7 * s ** 2 + 1.3 * s ** 3 + 0.9 * s ** 4 + 4 * (s + s ** 2) * handed
    })
  }
}

/**
 * Principal axes of Σ P·r rᵀ over all images, by ascending moment, right-handed. Each of the first two points to where
 * Σ P·(e·r)³ is positive.
 */
function weightedPrincipalFrame({ vectors, scores, a }: WeighedImages, config: CrystalframerConfig): Frame {
  const arms = vectors.map((r) => {
    const d2 = dot(r, r)
    return config.pca_unit_vectors ? scaled(r, d2 > OWN ? 1 / Math.sqrt(d2) : 0) : r
  })
  const logWeights = vectors.map((r, n) => a * dot(r, r) + scores[n])
  const largest = Math.max(...logWeights)
  const weights = logWeights.map((w) => Math.exp(w - largest))
  const moment = (f: (r: Vec3) => number) => arms.reduce((total, r, n) => total + weights[n] * f(r), 0)
  const rows = [0, 1, 2].map((c) => [0, 1, 2].map((d) => moment((r) => r[c] * r[d])))
  const { axes } = principalAxes(rows as unknown as Mat3)
  const [e1, e2] = axes.map((e) => (moment((r) => dot(e, r) ** 3) < 0 ? scaled(e, -1) : e))
  return [e1, e2, cross(e1, e2)]
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

function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

function vector(component: (c: number) => number): Vec3 {
  return [component(0), component(1), component(2)]
}

function plus(a: Vec3, b: Vec3): Vec3 {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

function scaled([x, y, z]: Vec3, factor: number): Vec3 {
  return [factor * x, factor * y, factor * z]
}

function minus(a: Vec3, b: Vec3): Vec3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

function unit(a: Vec3): Vec3 {
  return scaled(a, 1 / Math.sqrt(dot(a, a)))
}
