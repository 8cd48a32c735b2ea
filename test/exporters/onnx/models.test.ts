// Whole models of several kinds, none of them ours: exported with symbolic batch and sequence sizes, compared with tfjs
// at sizes that were not recorded.

import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportOnnx } from '../../../exporters/onnx/export.ts'
import { exportLayersModel } from '../../../exporters/onnx/layers.ts'
import type { ExportResult } from '../../../exporters/onnx/options.ts'
import { decodeModel } from '../../../exporters/onnx/proto.ts'
import { scope } from '../../../src/scope.ts'
import { CHECKER, check, python } from './checker.ts'
import { disagreements, hasOnnxReference, ONNX_REFERENCE } from './onnx-reference.ts'
import {
  evaluated,
  expectSame,
  indicesBelow,
  specs,
  type TestFunction,
  type TestInput,
  uniform,
} from './session.ts'

const exported = new Map<string, Uint8Array>()

beforeAll(() => tf.setBackend('cpu'))
afterAll(() => tf.disposeVariables())

/** Weights that a layers model would start from are zeros and ones in places; these are not. */
function perturb(model: tf.LayersModel): void {
  model.setWeights(
    model
      .getWeights()
      .map((w, i) => tf.tidy(() => tf.add(w, tf.randomUniform(w.shape, 0, 0.3, 'float32', i)))),
  )
}

async function compareLayers(
  name: string,
  model: tf.LayersModel,
  input: TestInput,
  batches: readonly number[],
) {
  perturb(model)
  const result = await exportLayersModel(model, {
    inputs: { [model.inputs[0].name]: { shape: input.shape } },
  })
  exported.set(name, result.bytes)
  const inputName = result.inputs[0].name
  const fn: TestFunction = (inputs) => model.apply(inputs[inputName], { training: false }) as tf.Tensor
  for (const batch of batches) {
    await expectSame(fn, { [inputName]: input }, result, { batch, length: batch + 5 })
  }
  return result
}

async function compare(
  name: string,
  fn: TestFunction,
  inputs: Record<string, TestInput>,
  sizes: readonly Record<string, number>[],
): Promise<ExportResult> {
  const result = await exportOnnx(fn, specs(inputs))
  exported.set(name, result.bytes)
  for (const at of sizes) await expectSame(fn, inputs, result, at)
  return result
}

const variable = (seed: number, ...shape: number[]) =>
  tf.variable(tf.randomNormal(shape, 0, 0.3, 'float32', seed))

describe('models', () => {
  it('a multilayer perceptron', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [6], units: 16, activation: 'relu' }),
        tf.layers.batchNormalization(),
        tf.layers.dropout({ rate: 0.5 }),
        tf.layers.dense({ units: 8, activation: 'selu' }),
        tf.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    })
    const input: TestInput = { dtype: 'float32', shape: ['batch', 6] }
    const result = await compareLayers('perceptron', model, input, [1, 4, 33])
    expect(result.inputs[0].shape).toEqual(['batch', 6])
    expect(result.outputs[0].shape).toEqual(['batch', 3])
    expect(result.operators).toEqual({ MatMul: 3, Add: 4, Elu: 1, Mul: 2, Relu: 1, Softmax: 1 })
  })

  it('a small convolutional network', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({
          inputShape: [12, 10, 3],
          filters: 4,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
        }),
        tf.layers.batchNormalization(),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.separableConv2d({
          filters: 6,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          activation: 'elu',
        }),
        tf.layers.averagePooling2d({ poolSize: 2, padding: 'same' }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 5, activation: 'sigmoid' }),
      ],
    })
    await compareLayers('convolution', model, { dtype: 'float32', shape: ['batch', 12, 10, 3] }, [1, 4])
  })

  it('embedding, convolution along a sequence, pooling', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.embedding({ inputShape: [null as unknown as number], inputDim: 20, outputDim: 8 }),
        tf.layers.conv1d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'tanh' }),
        tf.layers.globalAveragePooling1d(),
        tf.layers.dense({ units: 2 }),
      ],
    })
    const input: TestInput = { dtype: 'float32', shape: ['batch', 'length'], values: indicesBelow(20) }
    const result = await compareLayers('embedding', model, input, [1, 6])
    expect(result.inputs[0].shape).toEqual(['batch', 'length'])
  })

  it('an image decoder', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [6], units: 3 * 4 * 2, activation: 'relu' }),
        tf.layers.reshape({ targetShape: [3, 4, 2] }),
        tf.layers.conv2dTranspose({
          filters: 4,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          activation: 'relu',
        }),
        tf.layers.upSampling2d({ size: [2, 3] }),
        tf.layers.conv2d({ filters: 1, kernelSize: 3, padding: 'same', activation: 'sigmoid' }),
      ],
    })
    await compareLayers('decoder', model, { dtype: 'float32', shape: ['batch', 6] }, [1, 4])
  })

  it('a recurrent network over a fixed number of steps', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.lstm({ inputShape: [5, 3], units: 4, returnSequences: true }),
        tf.layers.gru({ units: 3 }),
        tf.layers.dense({ units: 2 }),
      ],
    })
    await compareLayers('recurrent', model, { dtype: 'float32', shape: ['batch', 5, 3] }, [1, 4])
  })

  it('a model of two inputs and two outputs', async () => {
    const [a, b] = [tf.input({ shape: [4], name: 'a' }), tf.input({ shape: [3], name: 'b', dtype: 'int32' })]
    const both = tf.layers
      .concatenate({ name: 'both' })
      .apply(
        [a, tf.layers.embedding({ inputDim: 7, outputDim: 4 }).apply(b)].map((t, i) =>
          i ? tf.layers.globalMaxPooling1d({}).apply(t) : t,
        ) as tf.SymbolicTensor[],
      )
    const outputs = ['first', 'second'].map(
      (name) => tf.layers.dense({ units: 2, name }).apply(both) as tf.SymbolicTensor,
    )
    const model = tf.model({ inputs: [a, b], outputs })
    perturb(model)
    const inputs: Record<string, TestInput> = {
      a: { dtype: 'float32', shape: ['batch', 4] },
      b: { dtype: 'int32', shape: ['batch', 3], values: indicesBelow(7) },
    }
    const result = await exportLayersModel(model)
    exported.set('two', result.bytes)
    expect(result.outputs.map(({ name }) => name)).toEqual(['first', 'second'])
    const fn: TestFunction = (given) => model.apply([given.a, given.b], { training: false }) as tf.Tensor[]
    await expectSame(fn, inputs, result, { batch: 6 })
    const { nodes } = decodeModel(result.bytes).graph
    expect(nodes.map(({ name }) => name)).toContain('first.matmul')
  })

  it('a transformer block with layer norm', async () => {
    const [d, heads] = [12, 3]
    const [wq, wk, wv, wo] = [1, 2, 3, 4].map((seed) => variable(seed, d, d))
    const [w1, w2, gain, shift] = [variable(5, d, 24), variable(6, 24, d), variable(7, d), variable(8, d)]
    const norm = (x: tf.Tensor) => {
      const { mean, variance } = tf.moments(x, -1, true)
      return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), gain), shift)
    }
    const split = (x: tf.Tensor) => {
      const [batch, length] = x.shape
      return tf.transpose(tf.reshape(x, [batch, length, heads, d / heads]), [0, 2, 1, 3])
    }
    const linear = (x: tf.Tensor, w: tf.Tensor) => {
      const [batch, length, size] = x.shape
      return tf.reshape(tf.matMul(tf.reshape(x, [batch * length, size]), w), [batch, length, w.shape[1]!])
    }
    const fn: TestFunction = ({ x, mask }) =>
      tf.tidy(() => {
        const [batch, length] = x.shape
        const attended = scope('attention', () => {
          const [q, k, v] = [wq, wk, wv].map((w) => split(linear(x, w)))
          const scores = tf.div(tf.matMul(q, k, false, true), Math.sqrt(d / heads))
          const bias = tf.mul(tf.sub(1, tf.reshape(mask, [batch, 1, 1, length])), -1e30)
          const mixed = tf.matMul(tf.softmax(tf.add(scores, bias)), v)
          return linear(tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, length, d]), wo)
        })
        const y = scope('norm', () => norm(tf.add(x, attended)))
        return scope('feed_forward', () => tf.add(y, linear(tf.relu(linear(y, w1)), w2)))
      })
    const inputs: Record<string, TestInput> = {
      x: { dtype: 'float32', shape: ['N', 'T', d] },
      mask: {
        dtype: 'float32',
        shape: ['N', 'T'],
        values: (n, _, random) =>
          Float32Array.from({ length: n }, (__, i) => (i === 0 || random() > 0.3 ? 1 : 0)),
      },
    }
    const result = await compare('transformer', fn, inputs, [
      { N: 1, T: 1 },
      { N: 4, T: 9 },
      { N: 6, T: 33 },
    ])
    expect(result.outputs[0].shape).toEqual(['N', 'T', d])
    // Flattening before each product with a weight is undone.
    expect(result.operators.Reshape).toBeLessThanOrEqual(6)
    expect(result.operators.Shape ?? 0).toBeLessThanOrEqual(1)
  })

  it('attention pooling of gathered neighbours, a mixture of experts', async () => {
    const [table, gate, experts] = [variable(1, 10, 8), variable(2, 8, 3), variable(3, 3, 8, 4)]
    const fn: TestFunction = ({ kinds, edges, distance }) => {
      const [nodes, degree] = edges.shape
      const x = tf.gather(table, kinds as tf.Tensor1D)
      const messages = tf.gather(x, edges as tf.Tensor2D)
      const score = tf.sub(tf.sum(tf.mul(messages, tf.reshape(x, [nodes, 1, 8])), -1), tf.square(distance))
      const pooled = tf.reshape(tf.matMul(tf.reshape(tf.softmax(score), [nodes, 1, degree]), messages), [
        nodes,
        8,
      ])
      const weights = tf.softmax(tf.matMul(pooled, gate))
      const all = tf.einsum('nd,edf->nef', pooled, experts)
      const mixed = tf.sum(tf.mul(all, tf.expandDims(weights, -1)), 1)
      return { mixed, best: tf.argMax(weights, -1), mean: tf.mean(mixed) }
    }
    const inputs: Record<string, TestInput> = {
      kinds: { dtype: 'int32', shape: ['nodes'], values: indicesBelow(10) },
      edges: { dtype: 'int32', shape: ['nodes', 'degree'], values: indicesBelow('nodes') },
      distance: { dtype: 'float32', shape: ['nodes', 'degree'], values: uniform(0, 2) },
    }
    const result = await compare('pooling', fn, inputs, [
      { nodes: 1, degree: 1 },
      { nodes: 12, degree: 6 },
    ])
    expect(result.outputs.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ['mixed', 'float32', ['nodes', 4]],
      ['best', 'int32', ['nodes']],
      ['mean', 'float32', []],
    ])
  })

  it.skipIf(!python)(`are valid: ${CHECKER}`, () => {
    expect(exported.size).toBe(8)
    expect(check(exported)).toEqual({})
  })

  it.skipIf(!hasOnnxReference)(`are evaluated as by ${ONNX_REFERENCE}`, () => {
    expect(evaluated.length).toBeGreaterThan(exported.size)
    expect(disagreements(evaluated)).toEqual([])
  })
})
