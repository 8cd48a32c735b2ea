// A composite kernel: layer norm as one step with its own gradient, one node in the file.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { type CompositeKernel, composite } from '../../../exporters/onnx/composite.ts'
import { exportOnnx } from '../../../exporters/onnx/export.ts'
import { expectSame, type TestInput } from './session.ts'

/** (x − mean)/√(variance + ε)·gain + shift over the last axis, with the closed-form gradient. */
const LayerNorm: CompositeKernel<{ epsilon: number }> = {
  name: 'LayerNorm',
  forward: ([x, gain, shift], { epsilon }) => tf.add(tf.mul(standardised(x, epsilon), gain), shift),
  gradient: (dy, [x, gain], { epsilon }) => {
    const n = standardised(x, epsilon)
    const deviation = tf.sqrt(tf.add(tf.moments(x, -1, true).variance, epsilon))
    const dn = tf.mul(dy, gain)
    const dx = tf.sub(tf.sub(dn, tf.mean(dn, -1, true)), tf.mul(n, tf.mean(tf.mul(dn, n), -1, true)))
    return [tf.div(dx, deviation), tf.sum(tf.mul(dy, n), 0), tf.sum(dy, 0)]
  },
  lower: (g, { inputs, attrs }) =>
    g.op('LayerNormalization', [...inputs.values()], { axis: -1, epsilon: attrs.epsilon as number }),
}

function standardised(x: tf.Tensor, epsilon: number): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true)
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)))
}

const layerNorm = composite(LayerNorm)
const gain = [0.5, 2, -1, 1]
const fn = ({ x }: Record<string, tf.Tensor>) =>
  tf.tidy(() => tf.relu(layerNorm([x, tf.tensor1d(gain), tf.tensor1d([1, 0, 0.5, 0])], { epsilon: 1e-3 })))

beforeAll(() => tf.setBackend('cpu'))

describe('composite kernels', () => {
  it('are one node in the file', async () => {
    const x: TestInput = { dtype: 'float32', shape: ['A', 4] }
    const result = await exportOnnx(fn, { x })
    expect(result.kernels).toEqual({ LayerNorm: 1, Relu: 1 })
    expect(result.operators).toEqual({ LayerNormalization: 1, Relu: 1 })
    await expectSame(fn, { x }, result, { A: 6 })
  })

  it('have their own gradient: central differences', () => {
    const start = [0.3, -1.2, 0.8, 2.1, 1, 1.5, -0.7, 0.2]
    const loss = (values: number[], weights = gain) =>
      tf.tidy(() => {
        const y = layerNorm([tf.tensor2d(values, [2, 4]), tf.tensor1d(weights), tf.zeros([4])], {
          epsilon: 1e-3,
        })
        return tf.sum(tf.mul(y, tf.tensor2d([1, 2, -1, 0.5, 3, 1, -2, 1], [2, 4]))).dataSync()[0]
      })
    const gradients = tf.grads((x: tf.Tensor, w: tf.Tensor) =>
      tf.sum(
        tf.mul(
          layerNorm([x, w, tf.zeros([4])], { epsilon: 1e-3 }),
          tf.tensor2d([1, 2, -1, 0.5, 3, 1, -2, 1], [2, 4]),
        ),
      ),
    )
    const [dx, dw] = gradients([tf.tensor2d(start, [2, 4]), tf.tensor1d(gain)]).map((t) => t.dataSync())
    const h = 1e-2
    const slope = (values: number[], i: number, at: (v: number[]) => number) =>
      (at(values.with(i, values[i] + h)) - at(values.with(i, values[i] - h))) / (2 * h)
    // float32 differences over a step of 1e-2: good to about 1e-3.
    for (let i = 0; i < 8; i++) expect(dx[i]).toBeCloseTo(slope(start, i, loss), 2)
    for (let i = 0; i < 4; i++)
      expect(dw[i]).toBeCloseTo(
        slope(gain, i, (w) => loss(start, w)),
        2,
      )
  })

  it('fold when they depend on no input', async () => {
    const result = await exportOnnx(
      ({ x }) =>
        tf.add(x, layerNorm([tf.tensor2d([[1, 2, 3, 4]]), tf.ones([4]), tf.zeros([4])], { epsilon: 0 })),
      { x: { dtype: 'float32', shape: ['A', 4] } },
    )
    expect(result.operators).toEqual({ Add: 1 })
  })
})
