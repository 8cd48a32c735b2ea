// The exported graph itself: operators, names, symbolic sizes, and nothing that is not needed.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportOnnx } from '../../../exporters/onnx/export.ts'
import type { FileGraph } from '../../../exporters/onnx/file/graph.ts'
import { decodeModel } from '../../../exporters/onnx/proto.ts'
import { scope } from '../../../src/scope.ts'
import { expectSame, specs, type TestFunction, type TestInput } from './session.ts'

beforeAll(() => tf.setBackend('cpu'))

async function graphOf(fn: TestFunction, inputs: Record<string, TestInput>): Promise<FileGraph> {
  const result = await exportOnnx(fn, specs(inputs))
  await expectSame(fn, inputs, result, { A: 6, B: 4, C: 9 })
  return decodeModel(result.bytes).graph
}

const operators = (graph: FileGraph) => graph.nodes.map(({ op }) => op)
const x: TestInput = { dtype: 'float32', shape: ['A', 4] }
const xy: TestInput = { dtype: 'float32', shape: ['A', 'B'] }
const c: TestInput = { dtype: 'float32', shape: ['A', 'B', 4] }

/** Per-atom attention over neighbours and images, one head mask a head: the shapes of a periodic network. */
const weights = [1, 2, 3].map((seed) => tf.variable(tf.randomNormal([8, 8], 0, 1, 'float32', seed)))
const attention: TestFunction = ({ x, neighbour, mask }) => {
  const [a, m, s] = mask.shape
  const [d, heads] = [8, 2]
  const heads01 = tf.tensor(
    Array.from({ length: heads * d }, (_, i) => (Math.floor((i % d) / 4) === Math.floor(i / d) ? 1 : 0)),
    [1, heads, d],
  )
  let h = x
  for (const [l, w] of weights.entries()) {
    h = scope(`layers.${l}`, () =>
      tf.tidy(() => {
        const p = scope('attention', () => {
          const q = tf.mul(tf.reshape(tf.mul(tf.matMul(h, w), 0.5), [a, 1, d]), heads01)
          const scores = tf.matMul(
            q,
            tf.gather(tf.matMul(h, w, false, true), neighbour as tf.Tensor2D),
            false,
            true,
          )
          const masked = tf.add(
            tf.reshape(scores, [a, heads, 1, s]),
            tf.reshape(tf.mul(tf.sub(mask, 1), 1e9), [a, 1, m, s]),
          )
          return tf.softmax(tf.reshape(masked, [a, heads, m * s]))
        })
        const slots = tf.sum(tf.reshape(p, [a, heads, m, s]), 2)
        return tf.add(h, tf.sum(tf.mul(tf.matMul(slots, tf.gather(h, neighbour as tf.Tensor2D)), heads01), 1))
      }),
    )
  }
  return h
}
const attentionInputs: Record<string, TestInput> = {
  x: { dtype: 'float32', shape: ['A', 8] },
  neighbour: {
    dtype: 'int32',
    shape: ['A', 'S'],
    values: (n, sizes, random) => Int32Array.from({ length: n }, () => Math.floor(random() * sizes.A)),
  },
  mask: { dtype: 'float32', shape: ['A', 'M', 'S'], values: (n) => new Float32Array(n).fill(1) },
}

describe('structure', () => {
  it('names nodes after their scope', async () => {
    const { graph } = decodeModel(
      (await exportOnnx(attention, specs(attentionInputs), { outputs: ['h'] })).bytes,
    )
    const names = graph.nodes.map(({ name }) => name)
    expect(names).toContain('layers.0.attention.softmax')
    expect(names).toContain('layers.2.attention.softmax')
    expect(names).toContain('layers.1.reduce_sum')
    expect(new Set(names).size).toBe(names.length)
    expect(graph.outputs).toEqual([{ name: 'h', dtype: 'float32', shape: ['A', 8] }])
    expect(graph.inputs[2]).toEqual({ name: 'mask', dtype: 'float32', shape: ['A', 'M', 'S'] })
  })

  it('computes one size once, for all layers', async () => {
    const result = await exportOnnx(attention, specs(attentionInputs))
    expect(result.operators.Shape).toBe(1)
    expect(result.operators.Concat).toBe(1)
    await expectSame(attention, attentionInputs, result, { A: 9, S: 6, M: 4 })
    await expectSame(attention, attentionInputs, result, { A: 1, S: 1, M: 1 })
  })

  it('has no input, initialiser or node without a use', async () => {
    const { graph } = decodeModel((await exportOnnx(attention, specs(attentionInputs))).bytes)
    const used = new Set([
      ...graph.nodes.flatMap(({ inputs }) => inputs),
      ...graph.outputs.map(({ name }) => name),
    ])
    const made = [...graph.inputs, ...graph.initializers].map(({ name }) => name)
    expect(
      [...made, ...graph.nodes.flatMap(({ outputs }) => outputs)].filter((name) => !used.has(name)),
    ).toEqual([])
  })

  it('names weights after their variables', async () => {
    const kernel = tf.variable(tf.ones([4, 2]), true, 'encoder/kernel')
    const graph = await graphOf(({ x }) => tf.matMul(x, kernel), { x })
    expect(graph.initializers.map(({ name }) => name)).toEqual(['encoder/kernel'])
  })

  it('holds equal constants once', async () => {
    const many = () => tf.tensor(Float32Array.from({ length: 200 }, (_, i) => i))
    const wide: TestInput = { dtype: 'float32', shape: ['A', 200] }
    const graph = await graphOf(({ wide }) => tf.add(tf.mul(wide, many()), tf.exp(tf.mul(wide, many()))), {
      wide,
    })
    expect(graph.initializers.length).toBe(1)
    expect(operators(graph)).toEqual(['Mul', 'Exp', 'Add'])
  })

  it('says what the options say', async () => {
    const { bytes } = await exportOnnx(
      ({ x }) => tf.exp(x),
      { x },
      {
        opset: 18,
        irVersion: 9,
        name: 'demo',
        docString: 'e^x',
        producerVersion: '1.2.3',
        metadata: { unit: 'eV', __proto__x: 'y' },
      },
    )
    const model = decodeModel(bytes)
    expect(model).toMatchObject({
      opset: 18,
      irVersion: 9,
      docString: 'e^x',
      producerVersion: '1.2.3',
      producerName: 'crystal-onnx',
    })
    expect(model.graph.name).toBe('demo')
    expect([...model.metadata]).toEqual([
      ['unit', 'eV'],
      ['__proto__x', 'y'],
    ])
    expect(decodeModel((await exportOnnx(({ x }) => tf.exp(x), { x })).bytes)).toMatchObject({
      opset: 17,
      irVersion: 8,
    })
  })

  it('copies what has to have two names', async () => {
    const graph = await graphOf(
      ({ x }) => {
        const y = tf.exp(x)
        return { same: x, y, again: y, three: tf.scalar(3) }
      },
      { x },
    )
    expect(operators(graph).sort()).toEqual(['Exp', 'Identity', 'Identity', 'Identity'])
  })
})

describe('recording', () => {
  it('leaves tfjs as it was', async () => {
    const w = tf.variable(tf.ones([4, 2]))
    const before = tf.memory().numTensors
    const [a, b] = await Promise.all([
      exportOnnx(({ x }) => tf.matMul(x, w), { x }),
      exportOnnx(attention, specs(attentionInputs)),
    ])
    expect([a.nodes, tf.getBackend()]).toEqual([1, 'cpu'])
    expect(b.nodes).toBeGreaterThan(1)
    expect(tf.memory().numTensors).toBe(before)
    expect(tf.tidy(() => tf.sum(w).dataSync()[0])).toBe(8)
    expect(scope('outside', () => 3)).toBe(3)
  })

  it('happens at other sizes on request', async () => {
    const fn: TestFunction = ({ x }) => tf.slice(x, [2000, 0], [5, 4])
    await expect(exportOnnx(fn, { x })).rejects.toThrow(/would overflow.*option sizes/)
    const result = await exportOnnx(fn, { x }, { sizes: [{ A: 2010 }, { A: 2041 }] })
    expect(result.outputs[0].shape).toEqual([5, 4])
    expect(result.verified?.sizes).toEqual([{ A: 2010 }, { A: 2041 }])
    await expectSame(fn, { x }, result, { A: 2026 })
  })

  it('happens at larger sizes where the function needs them, and passes over those that it does not take', async () => {
    const late: TestFunction = ({ x }) => tf.slice(x, [20, 0], [5, 4])
    await expectSame(late, { x }, await exportOnnx(late, { x }), { A: 26 })
    const positions = tf.ones([50, 4])
    const early: TestFunction = ({ x }) => tf.add(x, tf.slice(positions, [0, 0], [x.shape[0], 4]))
    const result = await exportOnnx(early, { x })
    expect(result.verified?.sizes.length).toBeGreaterThanOrEqual(3)
    await expectSame(early, { x }, result, { A: 50 })
  })

  it('reports its progress', async () => {
    const stages = new Set<string>()
    await exportOnnx(
      ({ x }) => tf.exp(x),
      { x },
      {
        onProgress: (stage, done, total) => {
          expect(done).toBeLessThan(total)
          stages.add(stage)
        },
      },
    )
    expect([...stages]).toEqual(['record', 'lower', 'optimise', 'write', 'verify'])
  })
})

describe('optimisation', () => {
  it.each<[string, Record<string, TestInput>, TestFunction, string[]]>([
    [
      'merges reshapes',
      { xy },
      ({ xy }) => tf.exp(tf.reshape(tf.reshape(tf.reshape(xy, [-1]), [1, -1]), xy.shape)),
      ['Exp'],
    ],
    ['merges transposes', { xy }, ({ xy }) => tf.exp(tf.transpose(tf.transpose(xy))), ['Exp']],
    [
      'reshapes instead of moving axes of size 1',
      { xy },
      ({ xy }) => tf.transpose(tf.expandDims(xy, 0), [1, 0, 2]),
      ['Reshape'],
    ],
    [
      'keeps reduced axes in the reduction',
      { xy },
      ({ xy }) => tf.sub(xy, tf.max(xy, 1, true)),
      ['ReduceMax', 'Sub'],
    ],
    ['drops x + 0 and x·1', { xy }, ({ xy }) => tf.exp(tf.add(tf.mul(xy, 1), 0)), ['Exp']],
    ['joins factors', { xy }, ({ xy }) => tf.mul(tf.neg(tf.mul(xy, 2)), 3), ['Mul']],
    ['makes equal nodes once', { xy }, ({ xy }) => tf.add(tf.exp(xy), tf.exp(xy)), ['Exp', 'Add']],
    ['broadcasts constants of a symbolic shape', { xy }, ({ xy }) => tf.sub(tf.onesLike(xy), xy), ['Sub']],
    ['leaves out what no output needs', { xy }, ({ xy }) => [tf.log(xy), tf.exp(xy)].slice(1), ['Exp']],
    [
      'transposes weights beforehand',
      { x },
      ({ x }) => tf.matMul(x, weights[0].slice([0, 0], [2, 4]), false, true),
      ['MatMul'],
    ],
    [
      'multiplies without flattening',
      { c },
      ({ c }) => {
        const flat = tf.matMul(tf.reshape(c, [-1, 4]), weights[0].slice([0, 0], [4, 5]))
        return tf.reshape(tf.relu(tf.add(flat, [1, 2, 3, 4, 5])), [c.shape[0], c.shape[1]!, 5])
      },
      ['MatMul', 'Add', 'Relu'],
    ],
  ])('%s', async (_, inputs, fn, expected) => {
    expect(operators(await graphOf(fn, inputs))).toEqual(expected)
  })
})
