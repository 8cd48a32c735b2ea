// What cannot be exported is refused, with the cause, the line of the caller and the next step.

import { basename } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportOnnx } from '../../../exporters/onnx/export.ts'
import { exportLayersModel } from '../../../exporters/onnx/layers.ts'
import type { ExportOptions, InputSpec } from '../../../exporters/onnx/options.ts'
import { ExportError } from '../../../src/errors.ts'

const HERE = basename(import.meta.filename)
const x: InputSpec = { dtype: 'float32', shape: ['A', 3] }

beforeAll(() => tf.setBackend('cpu'))

async function refused(
  fn: (inputs: Record<string, tf.Tensor>) => unknown,
  inputs: Record<string, InputSpec> = { x },
  options?: ExportOptions,
): Promise<string> {
  const error = await exportOnnx(fn as () => tf.Tensor, inputs, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ExportError)
  expect((error as ExportError).code).toBe('EXPORT')
  expect(tf.getBackend()).toBe('cpu')
  return (error as ExportError).message
}

describe('JavaScript that depends on a symbolic size', () => {
  it('a loop', async () => {
    const message = await refused(({ x }) => {
      let y = x
      for (let i = 0; i < x.shape[0]; i++) y = tf.exp(y)
      return y
    })
    expect(message).toMatch(/loop or branch over a symbolic size/)
    expect(message).toMatch(new RegExp(`Exp.*${HERE}:\\d+`))
  })

  it('a branch', async () => {
    const message = await refused(({ x }) => (x.shape[0] % 3 === 2 ? tf.exp(x) : tf.log(x)))
    expect(message).toMatch(/they part at kernel 0 \((Exp or Log|Log or Exp)\)/)
  })

  it('an array of tensors', async () => {
    const message = await refused(({ x }) => tf.concat(Array.from({ length: x.shape[0] }, () => x)))
    expect(message).toMatch(/Concat.*JavaScript array of tensors with a symbolic length/)
  })

  it('unstack', async () => {
    expect(await refused(({ x }) => tf.unstack(x)[0])).toMatch(/Unpack.*array of tensors/)
  })

  it('numbers made one by one in JavaScript', async () => {
    const squares = (n: number) => tf.tensor2d(Array.from({ length: n }, (_, i) => [i * i]))
    const message = await refused(({ x }) => tf.mul(x, squares(x.shape[0])))
    expect(message).toMatch(
      /Multiply, called from .*, input b: this constant of shape \[A, 1\] differs.*tf\.range/,
    )
    expect(message).toContain(HERE)
  })

  it('a branch far from small sizes', async () => {
    expect(await refused(({ x }) => (x.shape[0] > 50 ? tf.mean(x) : tf.sum(x)))).toMatch(
      /they part at kernel 0 \((Sum or Mean|Mean or Sum)\)/,
    )
  })

  it('a step that is larger than what is recorded', async () => {
    expect(await refused(({ x }) => tf.tile(x, [Math.ceil(x.shape[0] / 1000), 1]))).toMatch(
      /attribute reps: the size \(1, 2 in the recordings\) is no expression/,
    )
  })

  it('a branch between the sizes that are recorded', async () => {
    expect(await refused(({ x }) => tf.mul(x, x.shape[0] > 700 && x.shape[0] < 900 ? -1 : 1))).toMatch(
      /the exported file is not the function at A = 7\d\d: output "output", element \d+ is/,
    )
  })

  it('an attribute', async () => {
    expect(await refused(({ x }) => tf.leakyRelu(x, 1 / x.shape[0]))).toMatch(
      /attribute alpha: the value .* depends on a symbolic size/,
    )
  })

  it('a rank', async () => {
    const message = await refused(({ x }) => tf.reshape(x, x.shape[0] > 5 ? [-1] : [-1, 1]))
    expect(message).toMatch(/Reshape.*attribute shape: the value .* depends on a symbolic size/)
  })
})

describe('values', () => {
  it('read from a tensor', async () => {
    const message = await refused(({ x }) => tf.mul(x, x.dataSync()[0]))
    expect(message).toMatch(/reads the values of a tensor that depends on its inputs/)
    expect(message).toContain(HERE)
  })

  it('drawn at random', async () => {
    const random = /Add, called from .*, input b: this constant of shape \[.*\] is drawn at random/
    expect(await refused(({ x }) => tf.add(x, tf.randomNormal([3])))).toMatch(random)
    expect(await refused(({ x }) => tf.add(x, tf.randomUniform(x.shape)))).toMatch(random)
    const fixed: InputSpec = { dtype: 'float32', shape: [20, 30] }
    expect(await refused(({ x }) => tf.dropout(x, 0.5), { x: fixed })).toMatch(/is drawn at random/)
    expect(
      await refused(
        ({ x }) => (Math.random() < 0.5 ? tf.exp(x) : tf.log(x)),
        { x: fixed },
        {
          sizes: Array.from({ length: 40 }, () => ({})),
        },
      ),
    ).toMatch(/something else each time it is called/)
  })
})

describe('kernels', () => {
  it.each([
    [
      'Unique',
      (t: tf.Tensor) => tf.unique(tf.reshape(t, [-1])).values,
      /how many there are depends on values/,
    ],
    [
      'NonMaxSuppressionV5 of scores below 0',
      (t: tf.Tensor) =>
        tf.image.nonMaxSuppressionWithScore(
          tf.tile(t, [1, 2]) as tf.Tensor2D,
          tf.slice(t, [0, 0], [3, 1]).flatten(),
          ...([2, 0.5, -0.5, 0.3] as const),
        ).selectedIndices,
      /softNmsSigma with the scoreThreshold -0.5: scores below 0 would grow/,
    ],
    ['Multinomial', (t: tf.Tensor) => tf.multinomial(t as tf.Tensor2D, 3), /is random/],
    [
      'Unsorted segments',
      (t: tf.Tensor) => tf.unsortedSegmentSum(t, tf.ones([3, 2], 'int32') as never, 2),
      /of rank 1/,
    ],
    [
      'FFT',
      (t: tf.Tensor) => tf.div(tf.fft(tf.complex(t, t)), tf.complex(t, t)),
      /RealDiv.* complex numbers/,
    ],
    [
      'BitwiseAnd',
      (t: tf.Tensor) => tf.bitwiseAnd(tf.cast(t, 'int32'), tf.ones([3, 2], 'int32')),
      /operators on bits/,
    ],
  ] as const)('%s', async (_, fn, reason) => {
    const message = await refused(({ y }) => fn(y), { y: { dtype: 'float32', shape: [3, 2] } })
    expect(message).toMatch(reason)
    expect(message).toContain(HERE)
  })

  it('complex outputs, and transforms of an open length', async () => {
    expect(await refused(({ x }) => tf.rfft(x))).toMatch(
      /output "output" is complex.*return tf\.real and tf\.imag/,
    )
    const open: InputSpec = { dtype: 'float32', shape: ['A'] }
    expect(await refused(({ x }) => tf.abs(tf.rfft(x)), { x: open })).toMatch(
      /FFT of length A: only a fixed length/,
    )
  })

  it('a product that tfjs broadcasts wrongly', async () => {
    const a: InputSpec = { dtype: 'float32', shape: ['A', 1, 2, 2] }
    const b: InputSpec = { dtype: 'float32', shape: ['A', 3, 2, 2] }
    expect(await refused(({ a, b }) => tf.matMul(a, b), { a, b })).toMatch(/BatchMatMul.*tile the operand/)
  })

  it('a function that fails by itself, with its own message', async () => {
    expect(await refused(({ x }) => tf.softmax(x, 0))).toMatch(
      /recorded with x \[\d+,3\]: .*non-last dimension/,
    )
    const rows: InputSpec = { dtype: 'float32', shape: [50, 3] }
    const i: InputSpec = { dtype: 'int32', shape: ['B'], sample: ([n]) => new Array(n).fill(99) }
    expect(await refused(({ x, i }) => tf.gather(x, i as tf.Tensor1D), { x: rows, i })).toMatch(
      /fails with every input that was tried: .*the index value 99 is not in .*Give the inputs a sample/,
    )
  })
})

describe('inputs, outputs and options', () => {
  it('an input that nothing uses', async () => {
    expect(await refused(({ x }) => tf.exp(x), { x, y: x })).toMatch(
      /no output depends on the input "y"; leave it out/,
    )
    const dropped = await exportOnnx(({ x }) => tf.exp(x), { x, y: x }, { unusedInputs: 'drop' })
    expect(dropped.inputs.map(({ name }) => name)).toEqual(['x'])
  })

  it('an output that is named like an input', async () => {
    expect(await refused(({ x }) => ({ x: tf.exp(x) }))).toMatch(
      /an input and an output are both named "x".*give the output another one/,
    )
  })

  it('a size that is none', async () => {
    expect(await refused(({ x }) => x, { x: { dtype: 'float32', shape: ['2A'] } })).toMatch(
      /input "x": size "2A"/,
    )
    expect(await refused(({ x }) => x, { x: { dtype: 'float32', shape: [1.5] } })).toMatch(
      /input "x": size 1.5/,
    )
  })

  it('a sample of the wrong length', async () => {
    const short: InputSpec = { ...x, sample: () => [1] }
    expect(await refused(({ x }) => x, { x: short })).toMatch(
      /input "x": sample\(\) gave 1 values for shape \[\d+,3\]/,
    )
  })

  it('a result that is no tensor', async () => {
    const promises: ((inputs: Record<string, tf.Tensor>) => unknown)[] = [
      async ({ x }) => tf.whereAsync(tf.greater(x, 0)),
      ({ x }) =>
        tf.image.nonMaxSuppressionAsync(
          tf.concat([x, x.slice([0, 0], [-1, 1])], 1) as tf.Tensor2D,
          tf.sum(x, 1) as tf.Tensor1D,
          3,
        ),
      async ({ x }) => tf.scalar((await x.data())[0]),
    ]
    for (const fn of promises)
      expect(await refused(fn)).toMatch(/reads the values of a tensor .*trueIndices and booleanMask/)
    expect(await refused(() => ({ y: 3 }))).toMatch(/output "y" is no tensor/)
    expect(await refused(({ x }) => [x, tf.exp(x)], { x }, { outputs: ['y', 'y'] })).toMatch(
      /each needs a name of its own/,
    )
    expect(await refused(({ x }) => [x, tf.exp(x)], { x }, { outputs: ['y'] })).toMatch(
      /2 outputs, option outputs names 1/,
    )
  })

  it('an operator set that is not supported', async () => {
    expect(await refused(({ x }) => x, { x }, { opset: 16 })).toMatch(/opset 16 is not supported; choose 17/)
  })

  it('recording sizes that leave a symbol out', async () => {
    expect(await refused(({ x }) => x, { x }, { sizes: [{ B: 2 }] })).toMatch(
      /option sizes: "A" must be a positive/,
    )
  })

  it('a layers model without an input shape, or without that input', async () => {
    const unbuilt = tf.sequential()
    expect(() => exportLayersModel(unbuilt)).toThrow(/not built.*inputShape/)
    const built = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] })
    expect(() => exportLayersModel(built, { inputs: { z: {} } })).toThrow(/no input "z"; its inputs are/)
  })
})
