// The file format: what was written is read back, and damaged files are refused.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportOnnx } from '../../../exporters/onnx/export.ts'
import { decodeModel, encodeModel } from '../../../exporters/onnx/proto.ts'
import { ModelFileError } from '../../../src/errors.ts'

beforeAll(() => tf.setBackend('cpu'))

const exported = () =>
  exportOnnx(
    ({ x, i }) => tf.leakyRelu(tf.matMul(tf.gather(x, i as tf.Tensor1D), tf.ones([3, 2])), 0.25),
    { x: { dtype: 'float32', shape: ['A', 3] }, i: { dtype: 'int32', shape: ['B'] } },
    { metadata: { note: 'déjà vu' } },
  )

describe('files', () => {
  it('read back as they were written, to the byte', async () => {
    const { bytes } = await exported()
    const model = decodeModel(bytes)
    expect(encodeModel(model)).toEqual(bytes)
    expect(model.metadata.get('note')).toBe('déjà vu')
    expect(model.graph.nodes.map(({ op, attrs }) => [op, { ...attrs }])).toEqual([
      ['Gather', { axis: 0 }],
      ['MatMul', {}],
      ['LeakyRelu', { alpha: 0.25 }],
    ])
    const [weight] = model.graph.initializers
    expect([weight.dtype, weight.shape, new Float32Array(weight.bytes.slice().buffer)]).toEqual([
      'float32',
      [3, 2],
      new Float32Array(6).fill(1),
    ])
  })

  it('that are cut off or no ONNX at all are refused', async () => {
    const { bytes } = await exported()
    for (const broken of [
      bytes.subarray(0, bytes.length - 5),
      new Uint8Array([255, 255, 255]),
      new Uint8Array(),
    ]) {
      expect(() => decodeModel(broken, 'm.onnx')).toThrow(ModelFileError)
      expect(() => decodeModel(broken, 'm.onnx')).toThrow(/^m\.onnx: is no ONNX model/)
    }
  })

  it('with other types than the exporter writes are refused', async () => {
    const model = decodeModel((await exported()).bytes)
    const [x] = model.graph.inputs
    const odd = { ...model, graph: { ...model.graph, inputs: [{ ...x, dtype: 'float64' as 'float32' }] } }
    expect(() => decodeModel(encodeModel(odd))).toThrow(
      /"x" has element type 0, which this exporter never writes/,
    )
  })

  it('keep no prototype keys of attributes', () => {
    const attrs = JSON.parse('{"__proto__": 1}')
    const node = { op: 'Exp', name: 'n', inputs: ['x'], outputs: ['y'], attrs }
    const graph = { name: 'g', nodes: [node], initializers: [], inputs: [], outputs: [] }
    const model = {
      graph,
      opset: 17,
      irVersion: 8,
      producerName: '',
      producerVersion: '',
      docString: '',
      metadata: new Map(),
    }
    const [read] = decodeModel(encodeModel(model)).graph.nodes
    expect(Object.getPrototypeOf(read.attrs)).toBeNull()
    expect(Object.keys(read.attrs)).toEqual(['__proto__'])
  })
})
