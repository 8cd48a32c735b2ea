// The geometry of crystals as tensor operations: from lattices, fractional coordinates and a table of whole-number
// translations to the tensors of a batch, so that a graph needs no neighbour table from its host. Every atom of a cell
// has a slot for every atom, and an image for every row of the table; what lies beyond the radius is masked. Dense: for
// small cells anywhere, not for speed (docs/export.md).

import * as tf from '@tensorflow/tfjs-core'

/** Coordinates in float32 do not decide about an image: shells within this of the radius (Å) are taken whole. */
const SHELL_TOLERANCE = 1e-4

/** What a graph is given of B cells of at most N atoms, and T translations (src/periodic/types.ts, `Batch`). */
export interface Cells {
  /** [B, N] int32 */
  readonly species: tf.Tensor
  /** [B, N, 3] */
  readonly frac: tf.Tensor
  /** [B, 3, 3] rows in Å */
  readonly lattice: tf.Tensor
  /** [B, N] 1 for an atom, 0 for padding */
  readonly atom_mask: tf.Tensor
  /** [T, 3] whole numbers */
  readonly translations: tf.Tensor
}

/**
 * The tensors species [A, 1], occupancy [A, 1], translation [A, T, N, 3], image_mask [A, T, N] and pool [B, A] of cells,
 * A = B·N atoms. Displacement and mask of what is no image are 0.
 * @param radius Å
 */
export function batchOfCells(
  { species, frac, lattice, atom_mask: mask, translations }: Cells,
  radius: number,
): Record<string, tf.Tensor> {
  const [crystals, cell] = species.shape as [number, number]
  const atoms = crystals * cell
  const table = translations.shape[0]

  const apart = tf.sub(tf.reshape(frac, [crystals, 1, cell, 3]), tf.reshape(frac, [crystals, cell, 1, 3]))
  // Into [−½, ½): what a table covers does not depend on how coordinates were wrapped.
  const wrapped = tf.sub(apart, tf.floor(tf.add(apart, 0.5)))
  const near = tf.matMul(tf.reshape(wrapped, [crystals, cell * cell, 3]), lattice)
  const shift = tf.matMul(tf.reshape(translations, [1, table, 3]), lattice)
  const displacement = tf.add(
    tf.reshape(near, [crystals, cell, 1, cell, 3]),
    tf.reshape(shift, [crystals, 1, table, 1, 3]),
  )
  const within = tf.step(tf.sub((radius + SHELL_TOLERANCE) ** 2, tf.sum(tf.square(displacement), 4)))
  const images = tf.mul(within, tf.reshape(mask, [crystals, 1, 1, cell]))
  const masked = tf.mul(displacement, tf.reshape(images, [crystals, cell, table, cell, 1]))
  return {
    species: tf.reshape(species, [atoms, 1]),
    occupancy: tf.reshape(mask, [atoms, 1]),
    translation: tf.reshape(masked, [atoms, table, cell, 3]),
    image_mask: tf.reshape(images, [atoms, table, cell]),
    pool: poolOf(mask as tf.Tensor2D),
  }
}

/** 1/N of every atom in the row of its crystal, 0 in the others: [B, B·N] of a mask [B, N]. */
function poolOf(mask: tf.Tensor2D): tf.Tensor {
  const [crystals, cell] = mask.shape
  const shares = tf.div(mask, tf.sum(mask, 1, true))
  const number = tf.cumsum(tf.slice(tf.onesLike(mask), [0, 0], [crystals, 1]), 0)
  const own = tf.cast(tf.equal(number, tf.reshape(number, [1, crystals])), 'float32')
  const rows = tf.mul(tf.reshape(own, [crystals, crystals, 1]), tf.reshape(shares, [1, crystals, cell]))
  return tf.reshape(rows, [crystals, crystals * cell])
}
