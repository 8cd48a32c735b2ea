// Image networks as small as ONNX has them: channels are moved first once, and what follows or goes before a convolution
// for each channel is part of it.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportOnnx } from '../../../exporters/onnx/export.ts'
import { expectSame, specs, type TestFunction, type TestInput } from './session.ts'

beforeAll(() => tf.setBackend('cpu'))

const images: TestInput = { dtype: 'float32', shape: ['N', 6, 'W', 4] }
const wave = (...shape: number[]) =>
  tf.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + 1)),
    shape,
  )
const filter = wave(3, 3, 4, 4) as tf.Tensor4D
const conv = (x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter, 1, 'same')
const normed = (x: tf.Tensor) => {
  const [mean, scale, offset] = [wave(4), wave(4), tf.mul(wave(4), 2)]
  return tf.batchNorm(
    x,
    mean as tf.Tensor1D,
    tf.add(tf.square(mean), 0.5) as tf.Tensor1D,
    offset as tf.Tensor1D,
    scale as tf.Tensor1D,
  )
}

async function operators(fn: TestFunction): Promise<Record<string, number>> {
  const result = await exportOnnx(fn, specs({ x: images }))
  await expectSame(fn, { x: images }, result, { N: 3, W: 7 }, 1e-4)
  return result.operators
}

describe('image networks', () => {
  it('with batch normalisation, a skip and swish have two transposes', async () => {
    const found = await operators(({ x }) => {
      const first = tf.relu(normed(conv(x)))
      const sum = tf.add(normed(conv(first)), first)
      return tf.mul(conv(sum), tf.sigmoid(conv(sum)))
    })
    expect(found).toEqual({ Conv: 3, Transpose: 2, Add: 1, Mul: 1, Relu: 1, Sigmoid: 1 })
  })

  it('with squeeze and excitation, concatenation and a mean at the end have one', async () => {
    const found = await operators(({ x }) => {
      const y = tf.clipByValue(conv(x), 0, 6)
      const squeezed = tf.mean(y, [1, 2], true)
      const excited = tf.mul(
        y,
        tf.sigmoid(tf.conv2d(squeezed as tf.Tensor4D, wave(1, 1, 4, 4) as tf.Tensor4D, 1, 'valid')),
      )
      const both = tf.concat([excited, tf.neg(y)], 3)
      return tf.mean(tf.conv2d(both as tf.Tensor4D, wave(1, 1, 8, 5) as tf.Tensor4D, 1, 'valid'), [1, 2])
    })
    expect(found).toEqual({
      Conv: 3,
      ReduceMean: 2,
      Clip: 1,
      Concat: 1,
      Mul: 1,
      Neg: 1,
      Sigmoid: 1,
      Transpose: 1,
    })
  })

  it('with zeros around, as strided convolutions have them, pad in the convolution', async () => {
    const found = await operators(({ x }) => {
      const padded = tf.pad(x, [
        [0, 0],
        [1, 0],
        [2, 1],
        [0, 0],
      ])
      return tf.add(tf.mul(tf.conv2d(padded as tf.Tensor4D, filter, 2, 'valid'), 0.5), wave(4))
    })
    expect(found).toEqual({ Transpose: 2, Conv: 1 })
  })

  it('that are normed or padded elsewhere stay as they are', async () => {
    const found = await operators(({ x }) => {
      const y = conv(x)
      // Used twice, beside a number for each place, padded with ones.
      const other = tf.mul(y, tf.reshape(wave(6), [1, 6, 1, 1]))
      const around = tf.pad(
        other,
        [
          [0, 0],
          [1, 1],
          [0, 0],
          [0, 0],
        ],
        1,
      )
      return [tf.add(y, wave(4)), conv(around)]
    })
    expect(found).toEqual({ Transpose: 3, Conv: 2, Add: 1, Mul: 1, Pad: 1 })
  })
})
