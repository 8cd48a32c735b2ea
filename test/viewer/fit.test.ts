// Whether everything that is drawn is in sight: bodies projected by hand, in windows of every shape.

import { describe, expect, it } from 'vitest'
import type { Vec3 } from '../../src/math/vectors.ts'
import { rotated, turnOf, viewOf } from '../../src/viewer/fit.ts'

const FOV = 20
const SCENES: readonly (readonly [string, readonly Vec3[]])[] = [
  ['one atom', [[3, 4, 5]]],
  ['a needle', Array.from({ length: 60 }, (_, n): Vec3 => [1, 1, 2 * n])],
  ['a plate', Array.from({ length: 100 }, (_, n): Vec3 => [4 * (n % 10), 4 * Math.floor(n / 10), 0])],
]

describe.each(SCENES)('%s', (_, positions) => {
  it.each([0.4, 1, 2.5])('is whole in a window %d times as wide as high', (aspect) => {
    const turn = turnOf(-24, -76)
    const bodies = positions.map((position) => ({ position, radius: 0.8 }))
    const { centre, distance, radius } = viewOf(bodies, turn, FOV, aspect)
    const slope = Math.tan((FOV * Math.PI) / 360)
    let fills = 0
    for (const { position } of bodies) {
      const [x, y, z] = rotated(position.map((p, m) => p - centre[m]) as unknown as Vec3, turn)
      expect(Math.hypot(x, y, z) + 0.8).toBeLessThanOrEqual(radius + 1e-9)
      // Points all around the equator of the sphere, as the eye sees them: 1 is the edge of the window.
      for (let k = 0; k < 16; k++) {
        const angle = (2 * Math.PI * k) / 16
        const across = Math.abs(x + 0.8 * Math.cos(angle)) / ((distance - z) * slope * aspect)
        const up = Math.abs(y + 0.8 * Math.sin(angle)) / ((distance - z) * slope)
        fills = Math.max(fills, across, up)
      }
    }
    expect(fills).toBeLessThanOrEqual(1)
    expect(fills).toBeGreaterThan(0.85)
  })
})

it('turns c upwards', () => {
  const [, y, z] = rotated([0, 0, 1], turnOf(-24, -76))
  expect(y).toBeCloseTo(Math.sin((76 * Math.PI) / 180))
  expect(z).toBeCloseTo(Math.cos((76 * Math.PI) / 180))
})
