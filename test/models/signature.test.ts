// The signature of directions as tensors against its definition in float64, at the directions of the images themselves.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, expect, it } from 'vitest'
import type { Directions } from '../../models/crystalframer/frames/index.ts'
import { signatureOf } from '../../models/crystalframer/frames/signature.ts'
import { signatureOf as reference } from '../../models/reference/signature.ts'
import { sfc32 } from '../../src/math/random/sfc32.ts'
import type { Vec3 } from '../../src/math/vectors.ts'

/** Sums of hundreds of float32 products. */
const F32 = 4e-6
/** e to this and its reverse are normal numbers of float32. */
const MOST = 28
const ATOMS = 2
const HEADS = 3
const IMAGES = 20

const { uniform } = sfc32(11)
const direction = (): Vec3 => {
  const v = [uniform() - 0.5, uniform() - 0.5, uniform() - 0.5]
  const length = Math.hypot(...v)
  return v.map((x) => x / length) as unknown as Vec3
}
/** The first image is the atom itself, and the last one padding. */
const units = Array.from({ length: ATOMS }, () =>
  Array.from({ length: IMAGES }, (_, f): Vec3 => (f === 0 || f === IMAGES - 1 ? [0, 0, 0] : direction())),
)
const logWeights = Array.from({ length: ATOMS }, () =>
  Array.from({ length: HEADS }, () => Array.from({ length: IMAGES }, () => -8 * uniform())),
)

beforeAll(() => tf.setBackend('cpu'))

it.each([1, -1] as const)('%i times the signature at every image', (sign) => {
  tf.tidy(() => {
    const unit = tf.tensor3d(units.map((u) => [0, 1, 2].map((c) => u.map((v) => v[c]))))
    const other = tf.tensor3d(units.map((u) => [u.map((v) => (Math.hypot(...v) > 0 ? 1 : 0))]))
    const weights = tf.softmax(tf.tensor3d(logWeights)) as tf.Tensor3D
    const directions = { unit, other } as Directions
    const signature = signatureOf({ directions, weights, choice: { directions, weights } })
    const e1 = units.map((u) => Array.from({ length: HEADS }, (_, h) => [...u[3 + h]]))
    const beside = signature.besides(tf.tensor3d(e1))
    const found = [signature, beside].map((marks) => marks.ofImages(sign).arraySync())
    for (let i = 0; i < ATOMS; i++) {
      for (let h = 0; h < HEADS; h++) {
        const expected = reference(units[i], logWeights[i][h])
        units[i].forEach((u, f) => {
          if (Math.hypot(...u) === 0) {
            expect(found.map((marks) => marks[i][h][f])).toEqual([0, 0])
            return
          }
          expect(Math.abs(found[0][i][h][f] - sign * expected(u))).toBeLessThan(F32)
          expect(Math.abs(found[1][i][h][f] - sign * expected(u, units[i][3 + h]))).toBeLessThan(F32)
        })
      }
    }
  })
})

it('has an exponential in float32', () => {
  // All weight on one direction or on two is where it is largest; and what a search among random surroundings finds.
  let largest = 0
  for (let n = 0; n < 2000; n++) {
    const few = Array.from({ length: 1 + (n % 4) }, direction)
    const marks = reference(
      few,
      few.map(() => -3 * uniform()),
    )
    for (const u of [...few, direction()]) {
      largest = Math.max(largest, Math.abs(marks(u)), Math.abs(marks(u, few[0])))
    }
  }
  expect(largest).toBeGreaterThan(3)
  expect(largest).toBeLessThan(MOST)
})
