// Frames: three axes for every atom, head and block, along which the angular encoding looks. They are constants of the
// gradient. The methods are those of the paper (Ito et al., ICLR 2025); docs/mathematics.md §6.2.

import * as tf from '@tensorflow/tfjs-core'
import type { CrystalframerConfig } from '../../attention/config.ts'
import type { FrameMethod } from '../name.ts'
import { choiceOf, type Near } from './choice.ts'
import { constantOf } from './constant.ts'
import { maxFrames } from './max.ts'
import { weightedPrincipalFrame } from './principal.ts'
import type { Surroundings } from './surroundings.ts'

export { type Near, nearOf } from './choice.ts'
export { type Directions, directionsOf } from './directions.ts'

/**
 * The frames of every atom and head, each [A, H, 3, 3] with axes as rows. More than one are to be averaged over.
 * @param near the images that can be chosen; all without it
 * @param cell frames of the cell [A, 3, 3], for the methods that take them
 */
export function framesOf(
  around: Omit<Surroundings, 'choice'>,
  config: CrystalframerConfig,
  near: Near | undefined,
  cell: tf.Tensor | undefined,
): tf.Tensor4D[] {
  const { directions, phi, logits, weights } = around
  return constantOf([phi, logits, weights], (constants) => {
    const [phi, logits, weights] = constants as tf.Tensor3D[]
    const choice = choiceOf(directions, weights, near)
    const constant: Surroundings = { directions, phi, logits, weights, choice }
    return MAKERS[config.frame_method as FramedMethod](constant, config, cell)
  })
}

/** A density of axes is no frame: `density.ts`. */
type FramedMethod = Exclude<FrameMethod, 'density'>

type Maker = (around: Surroundings, config: CrystalframerConfig, cell: tf.Tensor | undefined) => tf.Tensor4D[]

const MAKERS: Readonly<Record<FramedMethod, Maker>> = {
  max: maxFrames,
  max_static: maxFrames,
  weighted_pca: (around, config) => [weightedPrincipalFrame(around, config)],
  pca: frameOfCell,
  lattice: frameOfCell,
}

/** The same for all heads. */
function frameOfCell(
  { weights }: Surroundings,
  _: CrystalframerConfig,
  cell: tf.Tensor | undefined,
): tf.Tensor4D[] {
  const [atoms, headCount] = weights.shape
  return [tf.tile(tf.reshape(cell!, [atoms, 1, 3, 3]), [1, headCount, 1, 1]) as tf.Tensor4D]
}
