// Atoms as vectors: the only thing the network knows of an atom besides where it is.

import * as tf from '@tensorflow/tfjs-core'

/**
 * x_i = Σ_e occupancy·embedding of the species on site i, shape [A, d]. An ordered crystal has one species a site.
 * @param weight [d, elements]; one column an element, no bias
 * @param species [A, E] int32 columns of `weight`; `occupancy` [A, E] is 0 where a site has fewer species
 */
export function embedSites(weight: tf.Tensor, species: tf.Tensor, occupancy: tf.Tensor): tf.Tensor2D {
  const [atoms, occupants] = species.shape
  const rows = tf.gather(tf.transpose(weight), species as tf.Tensor2D)
  return tf.sum(tf.mul(rows, tf.reshape(occupancy, [atoms, occupants, 1])), 1)
}
