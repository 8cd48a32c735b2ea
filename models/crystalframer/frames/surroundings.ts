// What frames are chosen from.

import type * as tf from '@tensorflow/tfjs-core'
import type { Choice } from './choice.ts'
import type { Directions } from './directions.ts'

/** The images of all atoms and what the attention of one block makes of them; F = M·S images an atom. */
export interface Surroundings {
  readonly directions: Directions
  /** log Gaussian of every image, −1e9 for padding and outside the box; [A, H, F] */
  readonly phi: tf.Tensor3D
  /** s_ij + phi of every image; [A, H, F] */
  readonly logits: tf.Tensor3D
  /** attention weights; [A, H, F] */
  readonly weights: tf.Tensor3D
  /** what frames that go by the weights are chosen from */
  readonly choice: Choice
}
