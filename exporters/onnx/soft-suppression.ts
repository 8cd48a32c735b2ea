// Suppression of boxes that lowers the scores of those that overlap with a better one (Bodla et al. 2017, soft-NMS): no ONNX
// operator does that, so the kernel is a loop that takes one box a turn.

import * as tf from '@tensorflow/tfjs-core'
import { ExportError } from '../../src/errors.ts'
import { loop } from './control.ts'
import { trueIndices } from './where.ts'

/** As tfjs gives them to NonMaxSuppressionV5. */
export interface SoftSuppression {
  readonly maxOutputSize: number
  readonly iouThreshold: number
  readonly scoreThreshold: number
  readonly softNmsSigma: number
}

/**
 * Indices and scores of the boxes that are left, by falling score. A box that overlaps with a better one by u of what both
 * cover keeps exp(−u²/2σ) of its score; from the threshold of overlap on it goes.
 * @param boxes [N, 4], two corners each
 * @param scores [N]
 * @throws ExportError for a threshold below 0
 */
export function softSuppression(
  boxes: tf.Tensor,
  scores: tf.Tensor,
  { maxOutputSize, iouThreshold, scoreThreshold, softNmsSigma }: SoftSuppression,
): tf.Tensor[] {
  if (!(scoreThreshold >= 0)) {
    throw new ExportError(
      `softNmsSigma with the scoreThreshold ${scoreThreshold}: scores below 0 would grow where boxes overlap; use one of 0 or more`,
    )
  }
  const places = tf.range(0, maxOutputSize, 1, 'int32')
  const [, , indices, kept, count] = loop(
    // Of the tensors it is given, not of what is around: sizes there are those of one recording.
    ([left, , indices, , taken]) => {
      const room = tf.less(taken, indices.shape[0])
      return [tf.logicalAnd(room, tf.greater(tf.max(left), scoreThreshold))]
    },
    ([left, corners, indices, kept, taken]) => {
      const best = tf.argMax(left)
      const overlap = share(corners, tf.gather(corners, tf.reshape(best, [1])))
      const weights = tf.exp(tf.mul(tf.square(overlap), -0.5 / softNmsSigma))
      const own = tf.equal(tf.range(0, left.shape[0], 1, 'int32'), best)
      const gone = tf.logicalOr(own, tf.greaterEqual(overlap, iouThreshold))
      const here = tf.equal(tf.range(0, indices.shape[0], 1, 'int32'), taken)
      return [
        tf.where(gone, NONE, tf.mul(left, weights)),
        corners,
        tf.where(here, tf.cast(best, 'int32'), indices),
        tf.where(here, tf.max(left), kept),
        tf.add(taken, tf.scalar(1, 'int32')),
      ]
    },
    [
      scores,
      sorted(boxes),
      tf.zeros([maxOutputSize], 'int32'),
      tf.zeros([maxOutputSize]),
      tf.scalar(0, 'int32'),
    ],
  )
  const found = tf.reshape(trueIndices(tf.less(places, count)), [-1])
  return [tf.gather(indices, found), tf.gather(kept, found)]
}

/** A score that no threshold lets through; a product with it stays one. */
const NONE = -1

/** Smaller coordinates first. */
function sorted(boxes: tf.Tensor): tf.Tensor {
  const [a, b] = tf.split(boxes, 2, 1)
  return tf.concat([tf.minimum(a, b), tf.maximum(a, b)], 1)
}

/** What each of [N, 4] and one box [1, 4] share, of what both cover: [N]; 0 for boxes without an area. */
function share(boxes: tf.Tensor, box: tf.Tensor): tf.Tensor {
  const [low, high] = tf.split(boxes, 2, 1)
  const [ownLow, ownHigh] = tf.split(box, 2, 1)
  const area = (from: tf.Tensor, to: tf.Tensor) => tf.prod(tf.sub(to, from), 1)
  const common = tf.prod(tf.relu(tf.sub(tf.minimum(high, ownHigh), tf.maximum(low, ownLow))), 1)
  const [areas, own] = [area(low, high), area(ownLow, ownHigh)]
  const both = tf.sub(tf.add(areas, own), common)
  const flat = tf.logicalOr(tf.lessEqual(areas, 0), tf.lessEqual(own, 0))
  return tf.where(flat, 0, tf.div(common, tf.where(flat, 1, both)))
}
