// Networks on graphs of atoms: messages added up at their targets, and forces as the gradient of an energy. Sums at
// repeated indices are right on every provider that runs here, on several threads, run after run.

import { createRequire } from 'node:module'
import * as tf from '@tensorflow/tfjs'
import ort from 'onnxruntime-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportOnnx } from '../../../exporters/onnx/export.ts'
import { expectSame, indicesBelow, randomNumbers, specs, type TestInput, uniform } from './session.ts'

// The other build wants a bundler, or a page.
const web = createRequire(import.meta.url)('onnxruntime-web/wasm') as typeof ort

const wave = (rows: number, columns: number) =>
  tf.tensor2d(
    Array.from({ length: rows * columns }, (_, i) => Math.sin(i + 1)),
    [rows, columns],
  )

const pairs: Record<string, TestInput> = {
  from: { dtype: 'int32', shape: ['P'], values: indicesBelow('A') },
  to: { dtype: 'int32', shape: ['P'], values: indicesBelow('A') },
}

beforeAll(() => tf.setBackend('cpu'))

describe('networks on graphs', () => {
  it('with two rounds of messages', async () => {
    const inputs = { atoms: { dtype: 'float32', shape: ['A', 4] } as TestInput, ...pairs }
    const network = ({ atoms, from, to }: Record<string, tf.Tensor>) => {
      let x = atoms
      for (let round = 0; round < 2; round++) {
        const both = tf.concat([tf.gather(x, from as tf.Tensor1D), tf.gather(x, to as tf.Tensor1D)], 1)
        const messages = tf.sigmoid(tf.matMul(both, wave(8, 4)))
        x = tf.relu(tf.add(x, tf.unsortedSegmentSum(messages, to as tf.Tensor1D, x.shape[0])))
      }
      return tf.mean(x, 0)
    }
    const result = await exportOnnx(network, specs(inputs))
    expect(result.operators.ScatterElements).toBe(2)
    expect(result.verified?.sizes.length).toBeGreaterThan(3)
    await expectSame(network, inputs, result, { A: 9, P: 40 })
  })

  it('with forces', async () => {
    const inputs: Record<string, TestInput> = {
      positions: { dtype: 'float32', shape: ['A', 3], values: uniform(-3, 3) },
      ...pairs,
    }
    const energy = (positions: tf.Tensor, from: tf.Tensor, to: tf.Tensor) => {
      const apart = tf.sub(tf.gather(positions, from as tf.Tensor1D), tf.gather(positions, to as tf.Tensor1D))
      const distance = tf.sqrt(tf.add(tf.sum(tf.square(apart), 1), 0.5))
      const features = tf.exp(tf.neg(tf.square(tf.sub(tf.expandDims(distance, 1), tf.linspace(0, 4, 6)))))
      return tf.sum(tf.tanh(tf.matMul(features, wave(6, 5))))
    }
    const both = ({ positions, from, to }: Record<string, tf.Tensor>) => ({
      energy: energy(positions, from, to),
      forces: tf.neg(tf.grad((x) => energy(x, from, to))(positions)),
    })
    const result = await exportOnnx(both, specs(inputs))
    expect(result.outputs.map(({ name, shape }) => `${name} ${shape}`)).toEqual(['energy ', 'forces A,3'])
    await expectSame(both, inputs, result, { A: 8, P: 30 })
  })
})

describe('sums at repeated indices', () => {
  const [atoms, count, width] = [50, 6000, 16]
  const random = randomNumbers(3)
  const ids = Int32Array.from({ length: count }, () => Math.floor(random() * atoms))
  // Whole numbers add up exactly in any order.
  const rows = Float32Array.from({ length: count * width }, () => Math.floor(random() * 9) - 4)
  const wanted = new Float32Array(atoms * width)
  for (let n = 0; n < count * width; n++) wanted[ids[Math.floor(n / width)] * width + (n % width)] += rows[n]
  const exported = () =>
    exportOnnx(
      ({ x, ids }) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, atoms),
      { x: { dtype: 'float32', shape: ['P', width] }, ids: { dtype: 'int32', shape: ['P'] } },
      { verify: false },
    )

  it.each([
    ['four threads of the CPU', ort, { executionProviders: ['cpu'], intraOpNumThreads: 4 }],
    ['WebAssembly', web, { executionProviders: ['wasm'] }],
  ] as const)('by %s, 20 times', async (_, runtime, options) => {
    const { bytes } = await exported()
    const session = await runtime.InferenceSession.create(bytes, {
      ...options,
      executionProviders: [...options.executionProviders],
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    })
    for (let run = 0; run < 20; run++) {
      const { output } = await session.run({
        x: new runtime.Tensor('float32', rows, [count, width]),
        ids: new runtime.Tensor('int32', ids, [count]),
      })
      expect(output.data).toEqual(wanted)
    }
    await session.release()
  })
})
