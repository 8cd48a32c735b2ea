// Weighted PCA frames: principal axes of the surroundings as the attention weighs them. Ito et al. 2025;
// docs/mathematics.md §6.2.

import * as tf from '@tensorflow/tfjs-core'
import type { CrystalframerConfig } from '../../attention/config.ts'
import { sortedAxes } from './jacobi.ts'
import { cross } from './last-axis.ts'
import { axisBeside, firstAxis } from './max.ts'
import { type Marks, signatureOf } from './signature.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Moments whose difference is below this share of the largest are equal, and axes between them arbitrary: a lattice of
 * wide Gaussians is isotropic but for an exponentially small rest, which rounding and the radius outweigh.
 */
const EQUAL = 1e-2

/**
 * Eigenvectors of Σ P·r rᵀ by ascending eigenvalue, right-handed, [A, H, 3, 3]; each points to where the signature is
 * larger. Between equal moments the images decide, as in a max frame: of three, all axes; of two, the axis across the
 * third (docs/decisions/010-ties.md).
 */
export function weightedPrincipalFrame(around: Surroundings, config: CrystalframerConfig): tf.Tensor4D {
  const { unit, vector } = around.directions
  const [x, y, z] = tf.split(config.pca_unit_vectors ? unit : vector, 3, 1)
  const squares = tf.concat(
    [x, y, z, x, x, y].map((a, n) => tf.mul(a, [x, y, z, y, z, z][n])),
    1,
  )
  const moments = tf.split(tf.matMul(around.weights, squares as tf.Tensor3D, false, true), 6, 2)
  const { values, axes } = sortedAxes(moments as tf.Tensor3D[])
  const signature = signatureOf(around)
  if (config.ties === 'first') {
    const e1 = pointed(axes[0], signature)
    const e2 = pointed(axes[1], signature.besides(e1))
    return tf.stack([e1, e2, cross(e1, e2)], 2) as tf.Tensor4D
  }

  const tie = { signature, sign: 1 } as const
  const [lower, upper] = [0, 1].map((n) => {
    const gap = tf.sub(values[n + 1], values[n])
    return tf.cast(tf.lessEqual(gap, tf.mul(values[2], EQUAL)), 'float32') as tf.Tensor3D
  })
  const onlyLower: tf.Tensor3D = tf.mul(lower, tf.sub(1, upper))
  const some = tf.maximum(lower, upper) as tf.Tensor3D
  /** the axis that is certain, if any */
  const certain = pointed(chosen(onlyLower, axes[2], axes[0]), signature)
  const pole = chosen(tf.mul(lower, upper), firstAxis(around, config, tie), certain)
  const middle = pointed(axes[1], signature.besides(pole))
  const second = chosen(some, axisBeside(pole, around, config, tie), middle)
  const third = cross(pole, second)
  return tf.stack(
    [chosen(onlyLower, second, pole), chosen(onlyLower, third, second), chosen(onlyLower, pole, third)],
    2,
  ) as tf.Tensor4D
}

/** An axis or its reverse, whichever has the larger mark. */
function pointed(axis: tf.Tensor3D, marks: Marks): tf.Tensor3D {
  const ahead = tf.greaterEqual(marks.at(axis), marks.at(tf.neg(axis)))
  return tf.mul(axis, tf.sub(tf.mul(tf.cast(ahead, 'float32'), 2), 1))
}

/** x where the mask [A, H, 1] is 1, y where it is 0. */
function chosen(mask: tf.Tensor3D, x: tf.Tensor3D, y: tf.Tensor3D): tf.Tensor3D {
  return tf.add(tf.mul(mask, x), tf.mul(tf.sub(1, mask), y))
}
