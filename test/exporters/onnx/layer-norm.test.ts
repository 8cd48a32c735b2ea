// Normalisation over the last axes is one operator, however it is written.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportOnnx } from '../../../exporters/onnx/export.ts'
import { exportLayersModel } from '../../../exporters/onnx/layers.ts'
import { expectSame, specs, type TestFunction, type TestInput, uniform } from './session.ts'

beforeAll(() => tf.setBackend('cpu'))

const x: TestInput = { dtype: 'float32', shape: ['N', 3, 4], values: uniform(-3, 5) }
const gamma = tf.tensor1d([0.5, 2, -1, 1.5])
const beta = tf.tensor1d([1, 0, -2, 0.25])
const EPSILON = 1e-3

const normal = (x: tf.Tensor, axis: number | number[]) => {
  const { mean, variance } = tf.moments(x, axis, true)
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, EPSILON)))
}

async function operators(fn: TestFunction): Promise<Readonly<Record<string, number>>> {
  const result = await exportOnnx(fn, specs({ x }))
  await expectSame(fn, { x }, result, { N: 6 })
  return result.operators
}

describe('with tf.moments', () => {
  it.each<[string, TestFunction]>([
    ['the last axis', ({ x }) => normal(x, -1)],
    ['several last axes', ({ x }) => normal(x, [1, 2])],
    ['scaled and shifted', ({ x }) => tf.add(tf.mul(normal(x, -1), gamma), beta)],
    ['by numbers', ({ x }) => tf.add(tf.mul(3, normal(x, 2)), 1)],
  ])('%s', async (_, fn) => {
    expect(await operators(fn)).toEqual({ LayerNormalization: 1 })
  })

  it.each<[string, TestFunction]>([
    ['another axis', ({ x }) => normal(x, 1)],
    [
      'means over other axes',
      ({ x }) => {
        const { variance } = tf.moments(x, [1, 2], true)
        return tf.div(tf.sub(x, tf.mean(x, -1, true)), tf.sqrt(tf.add(variance, EPSILON)))
      },
    ],
    [
      'of something else',
      ({ x }) => {
        const { variance } = tf.moments(tf.square(x), -1, true)
        return tf.div(tf.sub(x, tf.mean(x, -1, true)), tf.sqrt(tf.add(variance, EPSILON)))
      },
    ],
    ['an open size', ({ x }) => normal(tf.transpose(x, [2, 1, 0]), -1)],
  ])('not %s', async (_, fn) => {
    expect(Object.keys(await operators(fn))).not.toContain('LayerNormalization')
  })

  it('shifted before it is scaled', async () => {
    const found = await operators(({ x }) => tf.mul(tf.add(normal(x, -1), beta), gamma))
    expect(found).toEqual({ LayerNormalization: 1, Mul: 1 })
  })

  it('used twice', async () => {
    const found = await operators(({ x }) => {
      const y = normal(x, -1)
      return [tf.mul(y, gamma), tf.add(y, beta)]
    })
    expect(found.LayerNormalization).toBe(1)
  })
})

it.each([
  [[4], -1],
  [[3, 4], -1],
  [[2, 3, 4], -1],
  [
    [3, 4],
    [1, 2],
  ],
])('as a layer, of %j over %j', async (inputShape, axis) => {
  const layer = tf.layers.layerNormalization({
    ...{ inputShape, axis },
    ...({ gammaInitializer: 'randomNormal', betaInitializer: 'randomNormal' } as const),
  })
  const model = tf.sequential({ layers: [layer] })
  const result = await exportLayersModel(model)
  expect(result.operators).toEqual({ LayerNormalization: 1 })
  const input: TestInput = { dtype: 'float32', shape: ['batch', ...inputShape] }
  const fn: TestFunction = (given) => model.predict(Object.values(given)) as tf.Tensor
  await expectSame(fn, { [result.inputs[0].name]: input }, result, { batch: 5 })
})
