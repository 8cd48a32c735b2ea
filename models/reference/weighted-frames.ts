// Weighted frames in float64: the continuous relative of `max` frames (docs/mathematics.md §6.4). Every pair of directions is
// a frame, with a share that fades to nothing as it falls behind the best; where two are equally good, each has half. Part of
// models/reference/forward.ts. Weights over several frames: Pozdnyakov and Ceriotti 2023; Dym, Lawrence and Siegel 2024.

import type { Vec3 } from '../../src/math/vectors.ts'
import { logWeightsOf, OWN, type SharedFrame, unitsOf, type WeighedImages } from './frames.ts'
import { cross, dot, minus, scaled, unit } from './vectors.ts'

/** @param delta how far a log weight may be behind the best before its share is none; `max` is the limit of 0 */
export function weightedFrames(images: WeighedImages, delta: number): SharedFrame[] {
  const seen = images.vectors.map((r) => dot(r, r) > OWN)
  const units = unitsOf(images).filter((_, n) => seen[n])
  const logWeights = logWeightsOf(images).filter((_, n) => seen[n])
  return shares(logWeights, delta).flatMap((first, a) => {
    if (first === 0) return []
    const e1 = units[a]
    const beside = logWeights.map((w, b) => w + Math.log(1 - Math.min(Math.abs(dot(e1, units[b])), 1)))
    return shares(beside, delta).flatMap((second, b) => {
      if (second === 0) return []
      const e2 = across(e1, units[b])
      return [{ frame: [e1, e2, cross(e1, e2)] as const, share: first * second }]
    })
  })
}

/** f of the distance to the largest value, over their sum; a value of −∞ has none. */
function shares(values: readonly number[], delta: number): number[] {
  const best = Math.max(...values)
  const fades = values.map((value) => (value === Number.NEGATIVE_INFINITY ? 0 : fade((best - value) / delta)))
  const total = fades.reduce((sum, one) => sum + one, 0)
  return fades.map((one) => (one === 0 ? 0 : one / total))
}

/** From 1 at 0 to 0 at 1 and beyond, without a jump of its slope. */
function fade(t: number): number {
  return t < 1 ? (1 - t) ** 2 * (1 + 2 * t) : 0
}

function across(e1: Vec3, direction: Vec3): Vec3 {
  return unit(minus(direction, scaled(e1, dot(e1, direction))))
}
