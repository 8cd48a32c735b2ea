// The sums over periodic images in float64, by plain loops straight from their definitions: no neighbour tables, no
// batches, nothing shared with the tensors of the network. Part of models/reference/forward.ts.

import type { Structure } from '../../src/crystal/structure.ts'
import type { Vec3 } from '../../src/math/vectors.ts'
import type { ModelConfig } from '../attention/config.ts'
import type { Mode } from '../geometry.ts'
import { reciprocalOf, spacingsOf, volumeOf } from './cell-geometry.ts'

/** A converged sum runs over every image within this many σ: what lies beyond weighs less than 3e-18. */
const CONVERGED_SIGMA = 9

/** Images whose weight is below this share of the nearest one's cannot change a float64 sum. */
export const NEGLIGIBLE = 1e-22

/** Ranges of n1, n2, n3, both ends included. */
export type Box = readonly (readonly [number, number])[]

/** Radial Gaussians b_k(r), by their centres kδ and the width sδ. */
export interface RadialGaussians {
  readonly count: number
  readonly step: number
  readonly width: number
  /** c_dist */
  readonly factor: number
  /** published frames: only this many Gaussians around r, at most */
  readonly window?: number
}

/**
 * α = log Σ_n exp(a·|r_n|²) and, into `profile`, Σ_n p_n·b(|r_n|) with p_n the share of image n, for
 * r_n = p_j − p_i + n·L over the images of `box`.
 */
export function realSum(
  structure: Structure,
  i: number,
  j: number,
  a: number,
  box: Box,
  radial: RadialGaussians | undefined,
  profile: Float64Array,
): number {
  const squared = squaredDistances(structure, i, j, box)
  let nearest = Number.POSITIVE_INFINITY
  for (const d2 of squared) nearest = Math.min(nearest, d2)
  let total = 0
  profile.fill(0)
  for (const d2 of squared) {
    const weight = Math.exp(a * (d2 - nearest))
    if (weight < NEGLIGIBLE) continue
    total += weight
    if (radial) addGaussians(profile, weight, Math.sqrt(d2), radial)
  }
  for (let k = 0; k < profile.length; k++) profile[k] *= radial!.factor / total
  return Math.log(total) + a * nearest
}

/** log max(Σ_n exp(a·|k_n|²)·cos(k_n·(p_j − p_i)), 1e-6) + 1.5·log(−4πa) − log|V| over the grid |n_m| ≤ range. */
export function reciprocalSum(structure: Structure, i: number, j: number, a: number, range: number): number {
  const vectors = reciprocalOf(structure.lattice)
  const between = difference(structure, i, j)
  let sum = 0
  for (let n1 = -range; n1 <= range; n1++) {
    for (let n2 = -range; n2 <= range; n2++) {
      for (let n3 = -range; n3 <= range; n3++) {
        // k·(n·L) is a multiple of 2π, so fractional differences give the phase
        const phase = 2 * Math.PI * (n1 * between[0] + n2 * between[1] + n3 * between[2])
        sum += Math.exp(a * squaredNorm(vectors, n1, n2, n3)) * Math.cos(phase)
      }
    }
  }
  return (
    Math.log(Math.max(sum, 1e-6)) + 1.5 * Math.log(-4 * Math.PI * a) - Math.log(volumeOf(structure.lattice))
  )
}

/**
 * The box of the pair (i, j) for a head with σ in Å: in converged mode it holds the sphere of 9σ around atom i; in
 * published mode it is that of the published kernels, around n = 0 for every pair.
 */
export function boxOf(
  structure: Structure,
  i: number,
  j: number,
  sigma: number,
  fixedSigma: number,
  config: ModelConfig,
  mode: Mode,
): Box {
  const spacings = spacingsOf(structure.lattice)
  if (mode === 'converged') {
    return difference(structure, i, j).map((f, m) => {
      const reach = (CONVERGED_SIGMA * sigma) / spacings[m]
      return [Math.floor(-f - reach), Math.ceil(-f + reach)] as const
    })
  }
  const { lattice_range: range, adaptive_cutoff_sigma: factor } = config
  return spacings.map((spacing) => {
    const cutoff = factor < 0 ? -factor * sigma : factor * fixedSigma
    const half = factor === 0 ? range : Math.max(range, Math.ceil((cutoff + 0.01) / spacing))
    return [-half, half] as const
  })
}

function squaredDistances(structure: Structure, i: number, j: number, box: Box): Float64Array {
  const squared = new Float64Array(box.reduce((count, [low, high]) => count * (high - low + 1), 1))
  let at = 0
  for (const [f1, f2, f3] of translated(structure, i, j, box)) {
    squared[at++] = squaredNorm(structure.lattice, f1, f2, f3)
  }
  return squared
}

/** r_n = p_j − p_i + n·L in Å over the images of `box`, in scan order: n1, n2, n3 ascending, n3 fastest. */
export function imageVectors(structure: Structure, i: number, j: number, box: Box): Vec3[] {
  const [l1, l2, l3] = structure.lattice
  const component = ([f1, f2, f3]: Vec3, c: number) => f1 * l1[c] + f2 * l2[c] + f3 * l3[c]
  return [...translated(structure, i, j, box)].map((f) => [component(f, 0), component(f, 1), component(f, 2)])
}

/** Fractional coordinates of the images of j seen from i. */
function* translated(structure: Structure, i: number, j: number, [r1, r2, r3]: Box): Generator<Vec3> {
  const [f1, f2, f3] = difference(structure, i, j)
  for (let n1 = r1[0]; n1 <= r1[1]; n1++)
    for (let n2 = r2[0]; n2 <= r2[1]; n2++)
      for (let n3 = r3[0]; n3 <= r3[1]; n3++) yield [f1 + n1, f2 + n2, f3 + n3]
}

/** Fractional coordinates of j minus those of i. */
function difference(structure: Structure, i: number, j: number): Vec3 {
  const [from, to] = [structure.frac[i], structure.frac[j]]
  return [to[0] - from[0], to[1] - from[1], to[2] - from[2]]
}

/** |x1·v1 + x2·v2 + x3·v3|² */
function squaredNorm([v1, v2, v3]: readonly Vec3[], x1: number, x2: number, x3: number): number {
  const x = x1 * v1[0] + x2 * v2[0] + x3 * v3[0]
  const y = x1 * v1[1] + x2 * v2[1] + x3 * v3[1]
  const z = x1 * v1[2] + x2 * v2[2] + x3 * v3[2]
  return x * x + y * y + z * z
}

function addGaussians(
  profile: Float64Array,
  weight: number,
  distance: number,
  radial: RadialGaussians,
): void {
  const { count, step, window = count } = radial
  const reached = Math.trunc((distance - 4 * radial.width) / step - 1)
  const from = Math.min(Math.max(reached, 0), count - window)
  for (let k = from; k < from + window; k++) {
    const u = (distance - (k + 1) * step) / radial.width
    profile[k] += weight * Math.exp(-0.5 * u * u)
  }
}
