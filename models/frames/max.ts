// Max frames: e1 along the image with the largest attention weight, e2 along the next that is not parallel to it.
// Ito et al. 2025; docs/mathematics.md §6.2.

import * as tf from '@tensorflow/tfjs-core'
import type { CrystalframerConfig } from '../config.ts'
import { MASKED } from '../images.ts'
import { bestDirection, type TieBreak } from './choose.ts'
import type { Directions } from './directions.ts'
import type { Surroundings } from './index.ts'
import { type Marks, type Signature, signatureOf } from './signature.ts'
import { cross, normalised } from './vectors.ts'

/** An image at less than about a degree from e1 cannot define e2. */
const PARALLEL = 0.9999
/** Smallest 1 − |cos| before its logarithm. */
const SMALLEST_SINE = 1e-5

/** How equally good directions are told apart: the one of largest sign·signature. */
export interface Tie {
  readonly signature: Signature
  readonly sign: 1 | -1
}

/** One frame of every atom and head, or two that are to be averaged where ties are; each [A, H, 3, 3]. */
export function maxFrames(around: Surroundings, config: CrystalframerConfig): tf.Tensor4D[] {
  if (config.ties === 'first') return [maxFrame(around, config, undefined)]
  const signature = signatureOf(around)
  const signs = config.ties === 'average' ? ([1, -1] as const) : ([1] as const)
  return signs.map((sign) => maxFrame(around, config, { signature, sign }))
}

function maxFrame(around: Surroundings, config: CrystalframerConfig, tie: Tie | undefined): tf.Tensor4D {
  const e1 = firstAxis(around, config, tie)
  const e2 = axisBeside(e1, around, config, tie)
  return tf.stack([e1, e2, cross(e1, e2)], 2) as tf.Tensor4D
}

/** The direction of the image of largest weight, [A, H, 3]. */
export function firstAxis(
  around: Surroundings,
  config: CrystalframerConfig,
  tie: Tie | undefined,
): tf.Tensor3D {
  const { directions } = around
  return bestDirection(
    onlyOthers(weightOf(around, config), directions),
    directions,
    broken(tie, tie?.signature),
  )
}

/** The part across e1 of the direction of the image of largest weight that is not parallel to it, [A, H, 3]. */
export function axisBeside(
  e1: tf.Tensor3D,
  around: Surroundings,
  config: CrystalframerConfig,
  tie: Tie | undefined,
): tf.Tensor3D {
  const { directions, phi } = around
  const cosine: tf.Tensor3D = tf.matMul(e1, directions.unit, false, true)
  const sine = tf.log(tf.maximum(tf.sub(1, tf.abs(cosine)), SMALLEST_SINE))
  const parallel = tf.mul(tf.step(tf.sub(tf.abs(cosine), PARALLEL)), 2 * MASKED)
  const isStatic = config.frame_method === 'max_static'
  const slope = isStatic ? staticWeight(phi, directions, config) : weightOf(around, config)
  const second = bestDirection(
    onlyOthers(tf.add(tf.add(slope, sine), parallel), directions),
    directions,
    broken(tie, tie?.signature.besides(e1)),
  )
  const along = tf.sum(tf.mul(e1, second), 2, true)
  return normalised(tf.sub(second, tf.mul(e1, along)) as tf.Tensor3D)
}

/** The log weight, without the scores in static frames. */
function weightOf({ phi, logits }: Surroundings, { frame_method: method }: CrystalframerConfig): tf.Tensor3D {
  return method === 'max_static' ? phi : logits
}

function broken(tie: Tie | undefined, marks: Marks | undefined): TieBreak {
  return tie && { signature: tf.mul(marks!.ofImages(), tie.sign) }
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
