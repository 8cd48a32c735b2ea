// What heads bring to the attention, and their scores and values in reciprocal space, as dense products with a constant
// 0/1 mask: cheaper than transposing features to [.., H, dk].

import * as tf from '@tensorflow/tfjs-core'

/** What the heads of one block (or half of them) bring to the attention; d = H·dk features. */
export interface Heads {
  /** [A, d], already times dk^−½ */
  readonly query: tf.Tensor2D
  /** [A, d] */
  readonly key: tf.Tensor2D
  /** [A, d] */
  readonly value: tf.Tensor2D
  /** [A, H] */
  readonly rho: tf.Tensor2D
}

/** [1, H, d], 1 where the feature belongs to the head. */
export function headMask(heads: number, features: number): tf.Tensor3D {
  const headDim = features / heads
  const mask = new Float32Array(heads * features)
  for (let f = 0; f < features; f++) mask[Math.floor(f / headDim) * features + f] = 1
  return tf.tensor3d(mask, [1, heads, features])
}

/** s_ij = q_i·k_j/√dk for the atoms j that `index` [A, J] names, shape [A, H, J]. */
export function scores({ query, key, rho }: Heads, index: tf.Tensor2D): tf.Tensor3D {
  const [atoms, features] = query.shape
  const queries = tf.mul(tf.reshape(query, [atoms, 1, features]), headMask(rho.shape[1], features))
  return tf.matMul(queries as tf.Tensor3D, gatherRows(key, index), false, true)
}

/** Σ_j P_ij·v_j over the atoms j that `index` [A, J] names, for weights [A, H, J]; shape [A, d]. */
export function weightedValues({ value, rho }: Heads, weights: tf.Tensor3D, index: tf.Tensor2D): tf.Tensor2D {
  const mixed = tf.matMul(weights, gatherRows(value, index))
  return tf.sum(tf.mul(mixed, headMask(rho.shape[1], value.shape[1])), 1)
}

/** Rows of x [A, d] named by `index` [A, J], shape [A, J, d]. */
function gatherRows(x: tf.Tensor, index: tf.Tensor2D): tf.Tensor3D {
  return tf.gather(x as tf.Tensor3D, index)
}
