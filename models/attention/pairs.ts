// From atoms to the slots of their images and back. Scores are made for all pairs of atoms at once and picked per slot;
// weights of slots are summed per pair, and the values mixed by one dense product. Picking eight numbers a slot instead
// of a key and a value of 128 is what makes slots cheap (docs/decisions/005). Batches without neighbour tables have a
// slot for every atom of the cell instead (batch-of-cells.ts), and nothing to pick.

import * as tf from '@tensorflow/tfjs-core'
import type { Heads } from './heads.ts'

/** What the slots of a batch, S an atom, get from heads and give back to them. */
export interface Slots {
  /** s_ij = q_i·k_j/√dk for the atom j of every slot, [A, H, S] */
  scores(heads: Heads): tf.Tensor3D
  /** Σ_s P_is·v_j(s) for weights P [A, H, S], [A, d] */
  values(heads: Heads, weights: tf.Tensor3D): tf.Tensor2D
}

/** Which slots belong to which pair of atoms; int32. */
export interface Pairs {
  /** [A, S] row i·A + j of the pair (i, j) that slot s of atom i belongs to */
  readonly pair: tf.Tensor2D
  /** [A, A] place in the running sum over slots, i·(S + 1) + s, before the first slot of the pair (i, j) */
  readonly start: tf.Tensor2D
  /** [A, A] the same after its last slot; equal to `start` where the pair has none */
  readonly end: tf.Tensor2D
}

/** Slots of a neighbour table: each belongs to a pair of atoms, and a pair may have several. */
export function slotsOfPairs(pairs: Pairs): Slots {
  return {
    scores: (heads) => slotScores(heads, pairs),
    values: (heads, weights) => slotValues(heads, weights, pairs),
  }
}

/** Slots of whole cells: slot s of an atom is atom s of its own crystal. @param crystals B, each of A/B atoms */
export function slotsOfCells(crystals: number): Slots {
  return {
    scores({ query, key, rho }) {
      const [atoms, heads] = rho.shape
      const all = tf.matMul(byCell(query, crystals, heads), byCell(key, crystals, heads), false, true)
      return tf.reshape(tf.transpose(all, [0, 2, 1, 3]), [atoms, heads, atoms / crystals])
    },
    values({ value, rho }, weights) {
      const [atoms, heads] = rho.shape
      const cell = atoms / crystals
      const rows = tf.transpose(tf.reshape(weights, [crystals, cell, heads, cell]), [0, 2, 1, 3])
      const mixed = tf.matMul(rows, byCell(value, crystals, heads))
      return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [atoms, value.shape[1]])
    },
  }
}

/** s_ij = q_i·k_j/√dk for the pair of every slot, shape [A, H, S]. */
function slotScores({ query, key, rho }: Heads, { pair }: Pairs): tf.Tensor3D {
  const [atoms, heads] = rho.shape
  const all = tf.matMul(byHead(query, heads), byHead(key, heads), false, true)
  const rows = tf.reshape(tf.transpose(all, [1, 2, 0]), [atoms * atoms, heads])
  return tf.transpose(tf.gather(rows, pair) as tf.Tensor3D, [0, 2, 1])
}

/**
 * Σ_s P_is·v_j(s) for weights [A, H, S], shape [A, d]. The slots of a pair are neighbours: their sum is a difference of
 * two running sums. A weight is at most 1, so the difference is good to the rounding of 1.
 */
function slotValues({ value, rho }: Heads, weights: tf.Tensor3D, { start, end }: Pairs): tf.Tensor2D {
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

/** [A, d] as [B, H, A/B, dk]. */
function byCell(x: tf.Tensor2D, crystals: number, heads: number): tf.Tensor4D {
  const [atoms, features] = x.shape
  const parted = tf.reshape(x, [crystals, atoms / crystals, heads, features / heads])
  return tf.transpose(parted, [0, 2, 1, 3]) as tf.Tensor4D
}
