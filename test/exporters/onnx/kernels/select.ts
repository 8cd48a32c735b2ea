// Boxes that do not overlap with better ones: how many there are depends on values.

import * as tf from '@tensorflow/tfjs'
import { uniform } from '../session.ts'
import { float, type Row } from './row.ts'

const inputs: Row['inputs'] = {
  // Corners in any order; many overlap.
  boxes: { ...float('A', 4), values: uniform(0, 1) },
  scores: { ...float('A'), values: uniform(0, 1) },
}
type Boxes = Record<string, tf.Tensor> & { boxes: tf.Tensor2D; scores: tf.Tensor1D }
const row = (
  kernel: string,
  about: string,
  fn: (given: Boxes) => tf.Tensor | Record<string, tf.Tensor>,
  size = 40,
): Row => ({ kernel, about, inputs, fn: (given) => fn(given as Boxes), at: { A: size } })

const { nonMaxSuppression, nonMaxSuppressionPadded, nonMaxSuppressionWithScore } = tf.image
const padded = ({ boxes, scores }: Boxes, pad: boolean, most: number) => {
  const found = nonMaxSuppressionPadded(boxes, scores, most, 0.3, 0.2, pad)
  return { indices: found.selectedIndices, count: found.validOutputs }
}

export const selectRows: readonly Row[] = [
  row('NonMaxSuppressionV3', 'all', ({ boxes, scores }) =>
    nonMaxSuppression(boxes, scores, boxes.shape[0], 0.2),
  ),
  row('NonMaxSuppressionV3', 'at most 3', ({ boxes, scores }) => nonMaxSuppression(boxes, scores, 3)),
  row('NonMaxSuppressionV3', 'no overlap at all', ({ boxes, scores }) =>
    nonMaxSuppression(boxes, scores, 9, 0),
  ),
  row('NonMaxSuppressionV3', 'none', ({ boxes, scores }) => nonMaxSuppression(boxes, scores, 9, 0.5, 2)),
  row('NonMaxSuppressionV3', 'and how many', ({ boxes, scores }) => {
    const found = nonMaxSuppression(boxes, scores, 9, 0.3, 0.4)
    const mean = tf.div(tf.sum(tf.gather(scores, found)), Math.max(found.shape[0], 1))
    return { corners: tf.gather(boxes, found), mean, rest: tf.pad(found, [[0, 9 - found.shape[0]]]) }
  }),
  row('NonMaxSuppressionV4', 'padded', (given) => padded(given, true, 30)),
  row('NonMaxSuppressionV4', 'padded, fewer boxes than it may give', (given) => padded(given, true, 30), 6),
  row('NonMaxSuppressionV4', 'not padded', (given) => padded(given, false, 30)),
  row('NonMaxSuppressionV5', '', ({ boxes, scores }) => {
    const found = nonMaxSuppressionWithScore(boxes, scores, 12, 0.4, 0.1, 0)
    return { indices: found.selectedIndices, kept: found.selectedScores }
  }),
]
