// Nodes of graph models whose sizes values tell: boxes that are left, places of what is true. tfjs gives them with a promise;
// here they are given at once.

import * as tf from '@tensorflow/tfjs-core'
import { ExportError } from '../../src/errors.ts'
import { recording } from '../../src/scope.ts'
import type { RecordedStep } from './composite.ts'
import { Range } from './lower/where.ts'
import { trueIndices } from './where.ts'

/** Attributes of a node, as model.json holds them. */
export type NodeAttributes = Readonly<
  Record<string, { readonly func?: { readonly name: string }; readonly b?: boolean }>
>

const first = (tensor: tf.Tensor): number => tensor.dataSync()[0]

/** Boxes, scores, and the numbers that follow them. */
function suppression([boxes, scores, ...numbers]: tf.Tensor[]) {
  const [most, overlap, least = Number.NEGATIVE_INFINITY, sigma = 0] = numbers.map(first)
  return { boxes: boxes as tf.Tensor2D, scores: scores as tf.Tensor1D, most, overlap, least, sigma }
}

function selected(inputs: tf.Tensor[]): tf.Tensor[] {
  const { boxes, scores, most, overlap, least } = suppression(inputs)
  return [tf.image.nonMaxSuppression(boxes, scores, most, overlap, least)]
}

const RANGE: RecordedStep = { name: 'Range', lower: Range }

/** start, start + step, … before `limit`, which values may tell. */
function countUp(start: number, limit: tf.Tensor, step: number): tf.Tensor {
  const session = recording()
  const dtype = limit.dtype as 'float32' | 'int32'
  if (!session?.depends(limit)) return tf.range(start, first(limit), step, dtype)
  const { symbol, size } = session.count('range')
  const given = [tf.scalar(start, dtype), limit, tf.scalar(step, dtype)]
  const [range] = session.nesting(RANGE, given, [tf.zeros([size], dtype)], { counted: symbol }) as tf.Tensor[]
  return range
}

/** By operation: its outputs, in order. */
export const DYNAMIC: Readonly<Record<string, (inputs: tf.Tensor[], attrs: NodeAttributes) => tf.Tensor[]>> =
  {
    ListDiff([x, y]) {
      const others = tf.any(tf.equal(tf.expandDims(x, 1), tf.expandDims(y, 0)), 1)
      const places = tf.reshape(trueIndices(tf.logicalNot(others)), [-1])
      return [tf.gather(x, places), places]
    },
    NonMaxSuppressionV2: selected,
    NonMaxSuppressionV3: selected,
    NonMaxSuppressionV4(inputs, { pad_to_max_output_size: padded }) {
      const { boxes, scores, most, overlap, least } = suppression(inputs)
      const pad = Boolean(padded?.b)
      const found = tf.image.nonMaxSuppressionPadded(boxes, scores, most, overlap, least, pad)
      return [found.selectedIndices, found.validOutputs]
    },
    NonMaxSuppressionV5(inputs) {
      const { boxes, scores, most, overlap, least, sigma } = suppression(inputs)
      const found = tf.image.nonMaxSuppressionWithScore(boxes, scores, most, overlap, least, sigma)
      return [found.selectedIndices, found.selectedScores]
    },
    Range([start, limit, step]) {
      if (recording()?.depends(start) || recording()?.depends(step)) {
        throw new ExportError('the first number or the step of a range depends on values; only its end may')
      }
      return [countUp(first(start), limit, first(step))]
    },
    Where: ([condition]) => [trueIndices(condition)],
  }
