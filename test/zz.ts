import * as tf from '@tensorflow/tfjs'
import { exportOnnx } from '../exporters/onnx/export.ts'
import { booleanMask, trueIndices } from '../exporters/onnx/where.ts'
import { decodeModel } from '../exporters/onnx/proto.ts'
await tf.setBackend('cpu')
const boxes = { dtype: 'float32', shape: ['N', 4] } as const
const scores = { dtype: 'float32', shape: ['N'] } as const
const x = { dtype: 'float32', shape: ['A', 3] } as const
const T = async (name: string, fn: any, inputs: any, o: any = {}) => {
  try {
    const r = await exportOnnx(fn, inputs, o)
    console.log(name, 'ok', r.nodes, r.verified!.error, JSON.stringify(r.outputs), r.notes.join('|'), JSON.stringify(r.verified!.sizes), o.show ? decodeModel(r.bytes).graph.nodes.map((n) => `${n.op}(${n.inputs})->${n.outputs}`).join('\n') : '')
  } catch (e) { console.log(name, 'REFUSED', (e as Error).message) }
}
await T('nms3', ({ boxes, scores }: any) => tf.image.nonMaxSuppression(boxes, scores, 10, 0.5, 0.1), { boxes, scores }, {show: 1})
await T('nms gather', ({ boxes, scores }: any) => { const i = tf.image.nonMaxSuppression(boxes, scores, 10, 0.5, 0.1); return {b: tf.gather(boxes, i), s: tf.gather(scores, i), n: tf.scalar(i.shape[0], 'int32')} }, { boxes, scores }, {show: 1})
await T('nms count only', ({ boxes, scores }: any) => tf.mul(tf.image.nonMaxSuppression(boxes, scores, 10, 0.5, 0.1).shape[0], tf.sum(scores)), { boxes, scores }, {show: 1})
await T('nms4', ({ boxes, scores }: any) => { const r = tf.image.nonMaxSuppressionPadded(boxes, scores, 10, 0.5, 0.1, true); return { i: r.selectedIndices, v: r.validOutputs } }, { boxes, scores })
await T('nms4 nopad', ({ boxes, scores }: any) => { const r = tf.image.nonMaxSuppressionPadded(boxes, scores, 10, 0.5, 0.1, false); return { i: r.selectedIndices, v: r.validOutputs } }, { boxes, scores })
await T('nms5', ({ boxes, scores }: any) => { const r = tf.image.nonMaxSuppressionWithScore(boxes, scores, 10, 0.5, 0.1, 0); return { i: r.selectedIndices, v: r.selectedScores } }, { boxes, scores })
await T('nms5soft', ({ boxes, scores }: any) => { const r = tf.image.nonMaxSuppressionWithScore(boxes, scores, 10, 0.5, 0.1, 0.5); return { i: r.selectedIndices, v: r.selectedScores } }, { boxes, scores })
await T('nms iou0', ({ boxes, scores }: any) => tf.image.nonMaxSuppression(boxes, scores, 10, 0, 0.1), { boxes, scores })
await T('nms iou1', ({ boxes, scores }: any) => tf.image.nonMaxSuppression(boxes, scores, 10, 1), { boxes, scores })
await T('where', ({ x }: any) => trueIndices(tf.greater(x, 0)), { x })
await T('mask', ({ x }: any) => booleanMask(x, tf.greater(tf.sum(x, 1), 0)), { x })
await T('mask2', ({ x }: any) => tf.mean(booleanMask(x, tf.greater(x, 0))), { x })
await T('two', ({ x, boxes, scores }: any) => { const m = booleanMask(x, tf.greater(tf.sum(x, 1), 0)); const i = tf.image.nonMaxSuppression(boxes, scores, 10, 0.5, 0.1); const k = tf.image.nonMaxSuppression(boxes, scores, 10, 0.5, 0.1); return { a: tf.matMul(tf.gather(boxes, i), tf.gather(boxes, k), false, true), m: tf.softmax(m) , c: tf.concat([i, k])} }, { x, boxes, scores })
await T('pad to 100', ({ boxes, scores }: any) => { const i = tf.image.nonMaxSuppression(boxes, scores, 100, 0.5, 0.1); return tf.pad(tf.gather(boxes, i), [[0, 100 - i.shape[0]], [0, 0]]) }, { boxes, scores })
await T('fixed', ({ boxes, scores }: any) => tf.image.nonMaxSuppression(boxes, scores, 10, 0.5, 0.1), { boxes: { dtype: 'float32', shape: [50, 4] }, scores: { dtype: 'float32', shape: [50] } })
await T('sizes', ({ boxes, scores }: any) => tf.image.nonMaxSuppression(boxes, scores, 10, 0.5, 0.1), { boxes, scores }, { sizes: [{ N: 12 }] })
await T('branch on count', ({ boxes, scores }: any) => { const i = tf.image.nonMaxSuppression(boxes, scores, 10, 0.5, 0.1); return i.shape[0] > 3 ? tf.sum(tf.gather(boxes, i)) : tf.mean(boxes) }, { boxes, scores })
await T('async', async ({ x }: any) => tf.relu(x), { x })
