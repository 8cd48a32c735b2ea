// Recurrent layers are one operator each, whatever the number of steps: against the steps that tfjs takes.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportLayersModel } from '../../../exporters/onnx/layers.ts'
import type { ExportResult } from '../../../exporters/onnx/options.ts'
import { expectSame, F32, type TestInput, type Values } from './session.ts'

beforeAll(() => tf.setBackend('cpu'))

const open: TestInput = { dtype: 'float32', shape: ['batch', 'x_1', 3] }
const { layers } = tf

/** The model of these layers, compared at sizes that were not recorded. */
async function compared(
  make: (x: tf.SymbolicTensor) => tf.SymbolicTensor | tf.SymbolicTensor[],
  { input = open, tolerance = F32, names = ['x'] } = {},
): Promise<ExportResult> {
  const inputs = names.map((name) => {
    const shape = input.shape.slice(1).map((size) => (typeof size === 'number' ? size : null))
    return tf.input({ shape, name })
  })
  const model = tf.model({ inputs, outputs: make(inputs[0]) })
  const result = await exportLayersModel(model)
  await expectSame(
    ({ x }) => model.apply(x, { training: false }) as tf.Tensor | tf.Tensor[],
    { x: input },
    result,
    { batch: 3, x_1: 7 },
    tolerance,
  )
  expect(result.verified?.error).toBeLessThan(1e-4)
  return result
}

/** Rows of which some steps are the mask value: at the start, in the middle, at the end, all of them. */
const masked: Values = (n, sizes, random) => {
  const steps = sizes.x_1
  return Float32Array.from({ length: n }, (_, i) => {
    const [row, step] = [Math.floor(i / (3 * steps)), Math.floor(i / 3) % steps]
    const skipped = row === 0 ? step % 3 === 0 : row === 1 ? step > 2 : true
    return skipped ? 0 : random() - 0.5
  })
}

describe('layers over an open number of steps', () => {
  it.each([
    ['LSTM', (x: tf.SymbolicTensor) => layers.lstm({ units: 4 }).apply(x), 'LSTM'],
    [
      'LSTM of all steps, other activations, no bias',
      (x: tf.SymbolicTensor) =>
        layers
          .lstm({
            units: 4,
            returnSequences: true,
            recurrentActivation: 'sigmoid',
            activation: 'relu',
            useBias: false,
          })
          .apply(x),
      'LSTM',
    ],
    [
      'GRU backwards',
      (x: tf.SymbolicTensor) => layers.gru({ units: 4, goBackwards: true, returnSequences: true }).apply(x),
      'GRU',
    ],
    [
      'simple RNN, softsign',
      (x: tf.SymbolicTensor) => layers.simpleRNN({ units: 4, activation: 'softsign' }).apply(x),
      'RNN',
    ],
    [
      'a cell in an RNN',
      (x: tf.SymbolicTensor) =>
        layers.rnn({ cell: layers.gruCell({ units: 4, recurrentActivation: 'sigmoid' }) as never }).apply(x),
      'GRU',
    ],
  ] as const)('%s', async (_, make, op) => {
    const result = await compared(make as (x: tf.SymbolicTensor) => tf.SymbolicTensor)
    expect(result.operators[op]).toBe(1)
    expect(result.nodes).toBeLessThan(10)
    expect(result.inputs[0].shape).toEqual(['batch', 'x_1', 3])
  })

  it('with states as outputs, and as the start of another layer', async () => {
    const result = await compared((x) => {
      const [all, h, c] = layers
        .lstm({ units: 4, returnSequences: true, returnState: true })
        .apply(x) as tf.SymbolicTensor[]
      const second = layers.lstm({ units: 4 }).apply([all, h, c]) as tf.SymbolicTensor
      return [second, h, c]
    })
    expect(result.operators.LSTM).toBe(2)
  })

  it('bidirectional, stacked, in a model in a model', async () => {
    const inner = tf.sequential({
      layers: [
        layers.bidirectional({
          layer: layers.lstm({ units: 4, returnSequences: true }) as tf.RNN,
          mergeMode: 'concat',
          inputShape: [null as never, 3],
        }),
      ],
    })
    const result = await compared(
      (x) =>
        layers
          .bidirectional({ layer: layers.gru({ units: 5 }) as tf.RNN, mergeMode: 'sum' })
          .apply(inner.apply(x) as tf.SymbolicTensor) as tf.SymbolicTensor,
    )
    expect([result.operators.LSTM, result.operators.GRU]).toEqual([2, 2])
    expect(result.nodes).toBeLessThan(30)
  })

  it.each(['lstm', 'gru', 'simpleRNN'] as const)('masked: %s', async (kind) => {
    const input: TestInput = { ...open, values: masked }
    for (const returnSequences of [false, true]) {
      for (const goBackwards of [false, true]) {
        const result = await compared(
          (x) =>
            layers[kind]({ units: 4, returnSequences, goBackwards }).apply(
              layers.masking({ maskValue: 0 }).apply(x) as tf.SymbolicTensor,
            ) as tf.SymbolicTensor,
          { input },
        )
        expect(result.nodes).toBeLessThan(45)
      }
    }
  })
})

describe('layers over a fixed number of steps', () => {
  it('are as small for 100 as for one', async () => {
    const input: TestInput = { dtype: 'float32', shape: ['batch', 100, 3] }
    const result = await compared(
      (x) =>
        layers
          .dense({ units: 2 })
          .apply(
            layers
              .lstm({ units: 8 })
              .apply(layers.lstm({ units: 8, returnSequences: true }).apply(x) as tf.SymbolicTensor),
          ) as tf.SymbolicTensor,
      { input, tolerance: 1e-4 },
    )
    expect(result.nodes).toBeLessThan(30)
  })

  it('that ONNX has no operator for are written step by step', async () => {
    const input: TestInput = { dtype: 'float32', shape: ['batch', 4, 3] }
    const result = await compared(
      (x) => layers.gru({ units: 4, activation: 'selu' }).apply(x) as tf.SymbolicTensor,
      { input },
    )
    expect(result.operators.GRU).toBeUndefined()
  })
})
