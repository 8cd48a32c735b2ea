// What tells equally good directions of a frame apart, in float64 straight from its definition. Part of
// models/reference/frames.ts; shares no code with the tensors in models/crystalframer/frames/signature.ts.

import type { Vec3 } from '../../src/math/vectors.ts'
import { NEGLIGIBLE } from './sums.ts'
import { cross, dot, plus, scaled, vector } from './vectors.ts'

export type Signature = (direction: Vec3, e1?: Vec3) => number

/**
 * A number for a direction û that depends only on how it lies in the weighed surroundings of the atom: the same for
 * directions that a rotation of the surroundings takes into each other, in general another for any others, mirror
 * images included. With `e1`, a number for û as the second axis. docs/decisions/010-ties.md.
 */
export function signatureOf(units: readonly Vec3[], logWeights: readonly number[]): Signature {
  const others = [...units.keys()].filter((n) => dot(units[n], units[n]) > 0.5)
  const largest = Math.max(...others.map((n) => logWeights[n]))
  const images = others
    .map((n) => ({ r: units[n], weight: Math.exp(logWeights[n] - largest) }))
    .filter(({ weight }) => weight >= NEGLIGIBLE)
  const total = images.reduce((sum, { weight }) => sum + weight, 0)
  /** ⟨f(r̂)⟩ */
  const mean = (f: (r: Vec3, n: number) => number) =>
    images.reduce((sum, { r, weight }, n) => sum + weight * f(r, n), 0) / total
  const v = vector((c) => mean((r) => r[c]))
  const M = [0, 1, 2].map((d) => vector((c) => mean((r) => r[d] * r[c])))
  const turned = (r: Vec3) => vector((d) => dot(M[d], r))
  /** M r̂_n */
  const turnedImages = images.map(({ r }) => turned(r))
  const axial = axialVector(images, total)

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
    return mean((r, n) => {
      const s = dot(u, r)
      const handed = dot(u, cross(plus(scaled(ahead, s), turnedImages[n]), r))
      return s + 0.7 * s ** 2 + 1.3 * s ** 3 + 0.9 * s ** 4 + 4 * (s + s ** 2) * handed + 4 * dot(u, axial)
    })
  }
}

/**
 * ⟨⟨(t² + t³)·r̂ × r̂'⟩⟩, t = r̂·r̂', with means over all pairs of images, of r̂' by the squares of the weights: how those that
 * weigh most are turned against the others.
 */
function axialVector(images: readonly { readonly r: Vec3; readonly weight: number }[], total: number): Vec3 {
  const squares = images.reduce((sum, { weight }) => sum + weight ** 2, 0)
  let sum = vector(() => 0)
  for (const { r, weight } of images) {
    for (const other of images) {
      const share = (weight / total) * (other.weight ** 2 / squares)
      if (share < NEGLIGIBLE) continue
      const t = dot(r, other.r)
      sum = plus(sum, scaled(cross(r, other.r), share * (t ** 2 + t ** 3)))
    }
  }
  return sum
}
