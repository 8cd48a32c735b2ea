// The angular encoding in the two ways that it was made before (docs/decisions/007), for comparison: every Gaussian of
// every image, and the 64 as products of 8 coarse and 8 fine factors with exponents that are matrix products.

import * as tf from '@tensorflow/tfjs-core'
import type { CrystalframerConfig } from '../models/attention/config.ts'
import {
  type AngularEncoding,
  angularEncoding,
  axisWeights,
  cosines,
  perAxis,
  projected,
} from '../models/crystalframer/angular.ts'
import { angularGrid } from '../models/crystalframer/angular-grid.ts'

/** Exponents below this are cut, so that no number is subnormal (docs/decisions/003). */
const FLOOR = -56
const SMALLEST_WEIGHT = 1e-30

export const ANGULAR = {
  plain: encoding(plainProfile),
  '8 + 8 factors': encoding(separableProfile),
  '4 + 8 factors': angularEncoding,
} satisfies Record<string, AngularEncoding>

export type AngularName = keyof typeof ANGULAR

/** Σ_n P_n·b(u_n) of every channel for u and P [A, 3H, F]. */
type Profile = (u: tf.Tensor, shares: tf.Tensor, config: CrystalframerConfig) => tf.Tensor

function encoding(profile: Profile): AngularEncoding {
  return ([frame], weights, projections, { unit, other }, config) => {
    const shares = perAxis(tf.mul(weights, other))
    return projected(
      profile(cosines(frame, unit, config), shares, config),
      axisWeights(projections, config, 1),
    )
  }
}

function plainProfile(u: tf.Tensor, shares: tf.Tensor, config: CrystalframerConfig): tf.Tensor {
  const { width, centres } = angularGrid(config)
  const [atoms, axes, images] = u.shape as [number, number, number]
  const scale = Math.SQRT1_2 / width
  const row = tf.reshape(tf.mul(u, scale), [atoms, axes, 1, images])
  const apart = tf.sub(
    row,
    tf.tensor(
      centres.map((c) => c * scale),
      [1, 1, centres.length, 1],
    ),
  )
  const gaussians = tf.exp(tf.maximum(tf.neg(tf.square(apart)), FLOOR))
  return tf.matMul(gaussians, tf.reshape(shares, [atoms, axes, images, 1]))
}

function separableProfile(u: tf.Tensor, shares: tf.Tensor, config: CrystalframerConfig): tf.Tensor {
  const { width, centres, middle } = angularGrid(config)
  const [atoms, axes, images] = u.shape as [number, number, number]
  const count = Math.sqrt(centres.length)
  const step = centres[1] - centres[0]
  const row = tf.reshape(tf.mul(tf.sub(u, middle), 1 / width), [atoms, axes, 1, images])
  const logShares = tf.reshape(tf.log(tf.maximum(shares, SMALLEST_WEIGHT)), [atoms, axes, 1, images])
  const rest = tf.sub(logShares, tf.mul(tf.square(row), 0.5))
  const numbers = Array.from({ length: count }, (_, n) => n)
  const coarse = numbers.map((n) => (centres[0] + (n + 0.5) * count * step - step / 2 - middle) / width)
  const fine = numbers.map((n) => ((n - (count - 1) / 2) * step) / width)
  const table = tf.tensor2d(coarse.map((c) => [c, 1, (-c * c) / 2]))
  const features = tf.concat([row, rest, tf.onesLike(row)], 2)
  const weighted = tf.exp(tf.maximum(tf.matMul(table as tf.Tensor, features), FLOOR))
  const slopes = tf.tensor(fine, [1, 1, count, 1])
  const cells = tf.matMul(weighted, tf.exp(tf.mul(row, slopes)), false, true)
  const constant = coarse.flatMap((c) => fine.map((f) => Math.exp(-c * f - f ** 2 / 2)))
  return tf.mul(cells, tf.tensor(constant, [1, 1, count, count]))
}
