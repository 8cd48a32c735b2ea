// Max frames: e1 along the image with the largest attention weight, e2 along the next that is not parallel to it.
// Ito et al. 2025; docs/mathematics.md §6.2.

import * as tf from '@tensorflow/tfjs-core'
import type { CrystalframerConfig } from '../config.ts'
import { MASKED } from '../images.ts'
import { bestDirection, type TieBreak } from './choose.ts'
import type { Directions } from './directions.ts'
import type { Surroundings } from './index.ts'
import { type Signature, signatureOf } from './signature.ts'
import { cross, normalised } from './vectors.ts'

/** An image at less than about a degree from e1 cannot define e2. */
const PARALLEL = 0.9999
/** Smallest 1 − |cos| before its logarithm. */
const SMALLEST_SINE = 1e-5

/** One frame of every atom and head, or two that are to be averaged where ties are; each [A, H, 3, 3]. */
export function maxFrames(around: Surroundings, config: CrystalframerConfig): tf.Tensor4D[] {
  if (config.ties === 'first') return [maxFrame(around, config, undefined)]
  const signature = signatureOf(around)
  const signs = config.ties === 'average' ? [1, -1] : [1]
  return signs.map((sign) => maxFrame(around, config, { ...signature, sign }))
}

function maxFrame(
  around: Surroundings,
  config: CrystalframerConfig,
  signature: (Signature & { readonly sign: number }) | undefined,
): tf.Tensor4D {
  const { directions, phi, logits } = around
  const isStatic = config.frame_method === 'max_static'
  const marked = (mark: tf.Tensor3D | undefined): TieBreak =>
    signature && { signature: tf.mul(mark!, signature.sign) }

  const weight = isStatic ? phi : logits
  const e1 = bestDirection(onlyOthers(weight, directions), directions, marked(signature?.ofAll))

  const cosine: tf.Tensor3D = tf.matMul(e1, directions.unit, false, true)
  const sine = tf.log(tf.maximum(tf.sub(1, tf.abs(cosine)), SMALLEST_SINE))
  const parallel = tf.mul(tf.step(tf.sub(tf.abs(cosine), PARALLEL)), 2 * MASKED)
  const slope = isStatic ? staticWeight(phi, directions, config) : weight
  const second = bestDirection(
    onlyOthers(tf.add(tf.add(slope, sine), parallel), directions),
    directions,
    marked(signature?.besides(e1)),
  )
  const along = tf.sum(tf.mul(e1, second), 2, true)
  const e2 = normalised(tf.sub(second, tf.mul(e1, along)) as tf.Tensor3D)
  return tf.stack([e1, e2, cross(e1, e2)], 2) as tf.Tensor4D
}

/** ∓|r|² instead of the log weight, for images that belong to the sum. [A, H, F] */
function staticWeight(
  phi: tf.Tensor3D,
  { squared }: Directions,
  { static_axis }: CrystalframerConfig,
): tf.Tensor3D {
  const excluded: tf.Tensor3D = tf.mul(tf.step(tf.sub(MASKED / 2, phi)), MASKED)
  return static_axis === 'farthest' ? tf.add(excluded, squared) : tf.sub(excluded, squared)
}

function onlyOthers(value: tf.Tensor, { other }: Directions): tf.Tensor3D {
  return tf.add(value, tf.mul(tf.sub(1, other), 4 * MASKED))
}
