// Weighted PCA frames: principal axes of the surroundings as the attention weighs them. Ito et al. 2025;
// docs/mathematics.md §6.2.

import * as tf from '@tensorflow/tfjs-core'
import type { CrystalframerConfig } from '../config.ts'
import type { Surroundings } from './index.ts'
import { sortedAxes } from './jacobi.ts'
import { cross } from './vectors.ts'

/**
 * Eigenvectors of Σ P·r rᵀ by ascending eigenvalue, right-handed, [A, H, 3, 3]. The first two point to where Σ P·(e·r)³
 * is positive.
 */
export function weightedPrincipalFrame(around: Surroundings, config: CrystalframerConfig): tf.Tensor4D {
  const { unit, vector } = around.directions
  const { weights } = around
  const arms = config.pca_unit_vectors ? unit : vector
  const [x, y, z] = tf.split(arms, 3, 2)
  const squares = tf.concat(
    [x, y, z, x, x, y].map((a, n) => tf.mul(a, [x, y, z, y, z, z][n])),
    2,
  )
  const moments = tf.split(tf.matMul(weights, squares as tf.Tensor3D), 6, 2)
  const axes = sortedAxes(moments as tf.Tensor3D[])
  const [e1, e2] = axes.slice(0, 2).map((axis) => {
    const along = tf.matMul(axis, arms, false, true)
    const third = tf.sum(tf.mul(weights, tf.mul(along, tf.square(along))), 2, true)
    return tf.mul(axis, tf.sub(tf.mul(tf.cast(tf.greaterEqual(third, 0), 'float32'), 2), 1)) as tf.Tensor3D
  })
  return tf.stack([e1, e2, cross(e1, e2)], 2) as tf.Tensor4D
}
