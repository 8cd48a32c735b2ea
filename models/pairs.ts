// From atoms to the slots of their images and back. Scores are made for all pairs of atoms at once and picked per slot;
// weights of slots are summed per pair, and the values mixed by one dense product. Picking eight numbers a slot instead
// of a key and a value of 128 is what makes slots cheap (docs/decisions/005).

import * as tf from '@tensorflow/tfjs-core'
import type { Heads } from './heads.ts'

/** Which slots belong to which pair of atoms; int32. */
export interface Pairs {
  /** [A, S] row i·A + j of the pair (i, j) that slot s of atom i belongs to */
  readonly pair: tf.Tensor2D
  /** [A, A] place in the running sum over slots, i·(S + 1) + s, before the first slot of the pair (i, j) */
  readonly start: tf.Tensor2D
  /** [A, A] the same after its last slot; equal to `start` where the pair has none */
  readonly end: tf.Tensor2D
}

/** s_ij = q_i·k_j/√dk for the pair of every slot, shape [A, H, S]. */
export function slotScores({ query, key, rho }: Heads, { pair }: Pairs): tf.Tensor3D {
  const [atoms, heads] = rho.shape
  const all = tf.matMul(byHead(query, heads), byHead(key, heads), false, true)
  const rows = tf.reshape(tf.transpose(all, [1, 2, 0]), [atoms * atoms, heads])
  return tf.transpose(tf.gather(rows, pair) as tf.Tensor3D, [0, 2, 1])
}

/**
 * Σ_s P_is·v_j(s) for weights [A, H, S], shape [A, d]. The slots of a pair are neighbours: their sum is a difference of
 * two running sums. A weight is at most 1, so the difference is good to the rounding of 1.
 */
export function slotValues({ value, rho }: Heads, weights: tf.Tensor3D, { start, end }: Pairs): tf.Tensor2D {
  const [atoms, heads] = rho.shape
  const padded = tf.pad(tf.transpose(weights, [0, 2, 1]), [
    [0, 0],
    [0, 1],
    [0, 0],
  ])
  const sums = tf.reshape(runningSum(padded), [-1, heads])
  const perPair = tf.sub(tf.gather(sums, end), tf.gather(sums, start)) as tf.Tensor3D
  const mixed = tf.matMul(tf.transpose(perPair, [2, 0, 1]), byHead(value, heads))
  return tf.reshape(tf.transpose(mixed, [1, 0, 2]), [atoms, value.shape[1]])
}

/** Sum of what comes before along the middle axis. The gradient of tfjs is of a wrong shape for any axis but the last. */
const runningSum = tf.customGrad((x) => ({
  value: tf.cumsum(x as tf.Tensor, 1, true),
  gradFunc: (dy) => tf.cumsum(dy, 1, true, true),
}))

/** [A, d] as [H, A, dk]. */
function byHead(x: tf.Tensor2D, heads: number): tf.Tensor3D {
  const [atoms, features] = x.shape
  return tf.transpose(tf.reshape(x, [atoms, heads, features / heads]), [1, 0, 2])
}
