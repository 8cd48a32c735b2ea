// Graph models, as tensorflowjs_converter writes them: names, open sizes, nodes in messages, and model.json itself.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { convertModel } from '../../../exporters/onnx/convert.ts'
import { parseModelJson, withWeights } from '../../../exporters/onnx/model-json.ts'
import { decodeModel } from '../../../exporters/onnx/proto.ts'
import { LimitError, ModelFileError } from '../../../src/errors.ts'

beforeAll(() => tf.setBackend('cpu'))

type Json = Record<string, unknown>
const float = { T: { type: 'DT_FLOAT' } }
const shapeOf = (...sizes: number[]) => ({
  shape: { shape: { dim: sizes.map((size) => ({ size: String(size) })) } },
  dtype: { type: 'DT_FLOAT' },
})

/** relu(x·w), and `last` of it. */
function model(last: Json = { name: 'Identity_2', op: 'Identity', input: ['act'], attr: float }): Json {
  return {
    format: 'graph-model',
    modelTopology: {
      node: [
        { name: 'x', op: 'Placeholder', attr: shapeOf(-1, 2) },
        { name: 'w', op: 'Const', attr: { dtype: { type: 'DT_FLOAT' } } },
        { name: 'dense/MatMul', op: 'MatMul', input: ['x', 'w'], attr: float },
        { name: 'act', op: 'Relu', input: ['dense/MatMul'], attr: float },
        last,
      ],
      versions: {},
    },
    signature: {
      inputs: {
        image: { name: 'x:0', dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '-1' }, { size: '2' }] } },
      },
      outputs: { scores: { name: 'Identity_2:0', dtype: 'DT_FLOAT', tensorShape: { dim: [] } } },
    },
    weightsManifest: [{ paths: ['a.bin'], weights: [{ name: 'w', shape: [2, 3], dtype: 'float32' }] }],
  }
}
const weights = new Uint8Array(Float32Array.of(1, 2, 3, -1, 0, 1).buffer)

async function converted(json: Json) {
  const read = parseModelJson(JSON.stringify(json), 'model.json')
  return convertModel(read.kind, withWeights(read, [weights]), 'model.json')
}

describe('graph models', () => {
  it('keep the names of their signature and nodes, and an open batch', async () => {
    const result = await converted(model())
    expect(result.inputs).toEqual([{ name: 'image', dtype: 'float32', shape: ['batch', 2] }])
    expect(result.outputs).toEqual([{ name: 'scores', dtype: 'float32', shape: ['batch', 3] }])
    expect(decodeModel(result.bytes).graph.nodes.map(({ name }) => name)).toContain('dense/MatMul.matmul')
    expect(result.verified?.sizes.length).toBeGreaterThan(3)
    expect(result.verified?.error).toBeLessThan(1e-6)
  })

  it('name the node that cannot be exported', async () => {
    const last = { name: 'Identity_2', op: 'LRN', input: ['act'], attr: float }
    await expect(converted(model(last))).rejects.toThrow(/node "Identity_2" \(LRN\): .*rank 3 or 4/)
  })

  it('with a fixed batch inside say so', async () => {
    const json = model({ name: 'Identity_2', op: 'Reshape', input: ['act', 'shape'], attr: float })
    const { node } = json.modelTopology as { node: Json[] }
    node.splice(2, 0, { name: 'shape', op: 'Const', attr: { dtype: { type: 'DT_INT32' } } })
    json.weightsManifest = [
      {
        paths: ['a.bin'],
        weights: [
          { name: 'w', shape: [2, 3], dtype: 'float32' },
          { name: 'shape', shape: [2], dtype: 'int32' },
        ],
      },
    ]
    const read = parseModelJson(JSON.stringify(json), 'model.json')
    const shape = new Uint8Array(Int32Array.of(1, 3).buffer)
    const result = await convertModel(read.kind, withWeights(read, [weights, shape]), 'model.json')
    expect(result.inputs[0].shape).toEqual([1, 2])
    expect(result.notes).toEqual([expect.stringMatching(/batch of 1 only: .*Identity_2/)])
  })
})

describe('model.json', () => {
  const parse = (json: unknown) => () =>
    parseModelJson(typeof json === 'string' ? json : JSON.stringify(json), 'm.json')
  const manifest = (weight: Json) => ({ ...model(), weightsManifest: [{ paths: ['a'], weights: [weight] }] })

  it.each<[string, unknown, RegExp]>([
    ['cut off', '{"modelTopology": {', /m\.json: is no JSON, or is cut off/],
    [
      'of something else',
      { name: 'crystal-onnx', version: '1' },
      /no model of TensorFlow\.js: it lacks modelTopology/,
    ],
    ['null', 'null', /it lacks modelTopology/],
    ['without weights', { ...model(), weightsManifest: undefined }, /lacks weightsManifest/],
    ['of no known kind', { ...model(), modelTopology: {} }, /neither the nodes of a graph model nor/],
    ['with texts', manifest({ name: 'w', shape: [2], dtype: 'string' }), /weight "w" is of type string/],
    [
      'with no shape',
      manifest({ name: 'w', shape: [-1], dtype: 'float32' }),
      /weight "w" has the shape \[-1\]/,
    ],
  ])('%s', (_, json, message) => {
    expect(parse(json)).toThrow(ModelFileError)
    expect(parse(json)).toThrow(message)
  })

  it('that claims 10 GB', () => {
    const claim = parse(manifest({ name: 'w', shape: [2_500_000_000], dtype: 'float32' }))
    expect(claim).toThrow(LimitError)
    expect(claim).toThrow(/claims 10000000000 bytes of weights/)
  })
})
