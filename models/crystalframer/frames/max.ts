// Max frames: e1 along the image with the largest attention weight, e2 along the next that is not parallel to it.
// Ito et al. 2025; docs/mathematics.md §6.2.

import * as tf from '@tensorflow/tfjs-core'
import { MASKED } from '../../attention/batch-images.ts'
import { type CrystalframerConfig, choosesByWeight, frameSigns } from '../../attention/config.ts'
import type { Choice } from './choice.ts'
import { bestDirection, type Ranking, type TieBreak } from './choose.ts'
import type { Directions } from './directions.ts'
import { cross, normalised } from './last-axis.ts'
import { type Marks, type Signature, signatureOf } from './signature.ts'
import type { Surroundings } from './surroundings.ts'

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
  return frameSigns(config).map((sign) => maxFrame(around, config, { signature, sign }))
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
  const { directions, phi, logits, choice } = around
  const ranking: Ranking = choosesByWeight(config)
    ? { scale: 'linear', value: ofOthers(choice) }
    : { scale: 'log', value: onlyOthers(isStatic(config) ? phi : logits, directions) }
  return bestDirection(ranking, choice.directions, broken(tie, tie?.signature))
}

/** The part across e1 of the direction of the image of largest weight that is not parallel to it, [A, H, 3]. */
export function axisBeside(
  e1: tf.Tensor3D,
  around: Surroundings,
  config: CrystalframerConfig,
  tie: Tie | undefined,
): tf.Tensor3D {
  const { directions } = around.choice
  const cosine = tf.abs(tf.matMul(e1, directions.unit)) as tf.Tensor3D
  const apart = tf.cast(tf.lessEqual(cosine, PARALLEL), 'float32')
  const sine = tf.sub(1, cosine)
  const ranking: Ranking = choosesByWeight(config)
    ? { scale: 'linear', value: tf.mul(tf.mul(ofOthers(around.choice), sine), apart) }
    : { scale: 'log', value: logBeside(sine, apart, around, config) }
  const second = bestDirection(ranking, directions, broken(tie, tie?.signature.besides(e1)))
  const along = tf.sum(tf.mul(e1, second), 2, true)
  return normalised(tf.sub(second, tf.mul(e1, along)) as tf.Tensor3D)
}

function isStatic({ frame_method: method }: CrystalframerConfig): boolean {
  return method === 'max_static'
}

/** P of the images that have a direction. */
function ofOthers({ weights, directions }: Choice): tf.Tensor3D {
  return tf.mul(weights, directions.other)
}

/** Log weight of a second axis. @param apart 0 for images parallel to the first */
function logBeside(
  sine: tf.Tensor,
  apart: tf.Tensor,
  { directions, phi, logits }: Surroundings,
  config: CrystalframerConfig,
): tf.Tensor3D {
  const slope = isStatic(config) ? staticWeight(phi, directions, config) : logits
  const parallel = tf.mul(tf.sub(1, apart), 2 * MASKED)
  const across = tf.log(tf.maximum(sine, SMALLEST_SINE))
  return onlyOthers(tf.add(tf.add(slope, across), parallel), directions)
}

function broken(tie: Tie | undefined, marks: Marks | undefined): TieBreak {
  return tie && { signature: marks!.ofImages(tie.sign) }
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
