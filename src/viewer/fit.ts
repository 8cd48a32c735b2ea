// From where a scene is seen as a whole: the point that is looked at, and how far from it the eye must be, so that every
// body that is drawn is in sight, however wide or high the window is.

import type { Vec3 } from '../math/vectors.ts'

/** Unit quaternion (x, y, z, w). */
export type Quaternion = readonly [number, number, number, number]

/** Something drawn: nothing of it is farther from the position than the radius, Å. */
export interface Body {
  readonly position: Vec3
  readonly radius: number
}

export interface View {
  readonly centre: Vec3
  /** Å from the eye to the centre */
  readonly distance: number
  /** Å around the centre that hold everything, however it is turned */
  readonly radius: number
}

/** Of the window: how much of it a scene may fill. */
const FILLS = 0.94

/** @param fov vertical angle of view, degrees. @param aspect width over height of the window */
export function viewOf(bodies: readonly Body[], turn: Quaternion, fov: number, aspect: number): View {
  const turned = bodies.map(({ position, radius }) => ({ at: rotated(position, turn), radius }))
  const middle = [0, 1, 2].map((m) => {
    let [low, high] = [Infinity, -Infinity]
    for (const { at, radius } of turned) {
      low = Math.min(low, at[m] - radius)
      high = Math.max(high, at[m] + radius)
    }
    return (low + high) / 2
  })
  const [x0, y0, z0] = middle
  const half = (fov * Math.PI) / 360
  const slopes = { y: Math.tan(half) * FILLS, x: Math.tan(half) * aspect * FILLS }
  let [distance, radius] = [1, 1]
  for (const { at, radius: own } of turned) {
    const [x, y, z] = [at[0] - x0, at[1] - y0, at[2] - z0]
    // A sphere is seen under a wider angle than its equator.
    const wide = (slope: number) => own * Math.sqrt(1 + slope * slope)
    distance = Math.max(
      distance,
      z + (Math.abs(x) + wide(slopes.x)) / slopes.x,
      z + (Math.abs(y) + wide(slopes.y)) / slopes.y,
    )
    radius = Math.max(radius, Math.hypot(x, y, z) + own)
  }
  const [qx, qy, qz, qw] = turn
  return { centre: rotated([x0, y0, z0], [-qx, -qy, -qz, qw]), distance, radius }
}

/** v turned by a quaternion. */
export function rotated([x, y, z]: Vec3, [qx, qy, qz, qw]: Quaternion): Vec3 {
  // t = 2 q × v, v + w t + q × t
  const [tx, ty, tz] = [2 * (qy * z - qz * y), 2 * (qz * x - qx * z), 2 * (qx * y - qy * x)]
  return [x + qw * tx + qy * tz - qz * ty, y + qw * ty + qz * tx - qx * tz, z + qw * tz + qx * ty - qy * tx]
}

/** By an angle about c, then by one about the horizontal, degrees. */
export function turnOf(aboutC: number, aboutX: number): Quaternion {
  const [c, x] = [aboutC, aboutX].map((degrees) => (degrees * Math.PI) / 360)
  const [cc, sc, cx, sx] = [Math.cos(c), Math.sin(c), Math.cos(x), Math.sin(x)]
  return [sx * cc, -sx * sc, cx * sc, cx * cc]
}
