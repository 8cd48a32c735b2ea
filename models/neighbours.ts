// The periodic images around every atom, from the tensors of a batch, as a function of tensors that is no attention
// takes them: displacements, which of them count, and the features of the atoms that they are images of.

import * as tf from '@tensorflow/tfjs-core'
import { batchOfCells, type Cells } from './batch-of-cells.ts'
import type { Inputs } from './network.ts'

/** An image this near (Å²) is the atom itself, or padding. */
const OWN = 1e-2

/** The tensors of a batch that are read here, in the order of a graph. */
export const NEIGHBOUR_INPUTS = ['species', 'occupancy', 'pair', 'translation', 'pool'] as const

/** Images of A atoms: S slots of M images, each slot of one neighbour. */
export interface Neighbours {
  /** p_j + n·L − p_i in Å, [A, M, S, 3]; 0 for padding */
  readonly displacement: tf.Tensor4D
  /** |displacement|² in Å², [A, M, S] */
  readonly squared: tf.Tensor3D
  /** 1 for an image, 0 for the atom itself and for padding; [A, M, S] */
  readonly mask: tf.Tensor3D
  /** Rows of x [A, F] of the neighbours, [A, 1, S, F]. */
  readonly of: (x: tf.Tensor2D) => tf.Tensor4D
}

/**
 * The tensors of a batch, whether it holds neighbour tables or whole cells.
 * @param radius Å, of cells: which images their graph takes
 */
export function batchOf(given: Inputs, radius: number | undefined): Inputs {
  return 'frac' in given ? batchOfCells(given as unknown as Cells, radius!) : given
}

/** @param batch of `batchOf` */
export function neighboursOf(batch: Inputs): Neighbours {
  const displacement = batch.translation as tf.Tensor4D
  const squared = tf.sum<tf.Tensor3D>(tf.square(displacement), 3)
  const mask = tf.step(tf.sub<tf.Tensor3D>(squared, OWN))
  return { displacement, squared, mask, of: batch.pair ? fromTable(batch) : fromCells(batch) }
}

/** The atom j of `pair`, i·A + j. What it takes to know A is left to the graph, which has any number of atoms. */
function fromTable({ pair, pool }: Inputs): Neighbours['of'] {
  const [atoms, slots] = pair.shape as [number, number]
  const row = tf.cumsum(tf.onesLike(tf.max(pool, 0)), 0, true)
  const count = tf.cast(tf.add(tf.max(row), 1), 'int32')
  const first = tf.reshape(tf.mul(tf.cast(row, 'int32'), count), [atoms, 1])
  // Recorded with zeros for every input: no place may be negative then.
  const neighbour = tf.cast(tf.relu(tf.cast(tf.sub(pair, first), 'float32')), 'int32')
  return (x) => tf.reshape(tf.gather(x, neighbour as tf.Tensor2D), [atoms, 1, slots, x.shape[1]])
}

/** Whole cells: slot s of an atom is atom s of its own crystal. */
function fromCells({ occupancy, pool }: Inputs): Neighbours['of'] {
  const crystals = pool.shape[0]
  const atoms = occupancy.shape[0]
  const cell = atoms / crystals
  const each = tf.reshape(tf.onesLike(occupancy), [crystals, cell, 1, 1])
  return (x) =>
    tf.reshape(tf.mul(tf.reshape(x, [crystals, 1, cell, x.shape[1]]), each), [atoms, 1, cell, x.shape[1]])
}
