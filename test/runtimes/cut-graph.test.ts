// Parts of a graph of two layers: each computes what it says, with its own constants and nothing else.

import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { exportOnnx } from '../../exporters/onnx/export.ts'
import { cuttable } from '../../runtimes/cut-graph.ts'
import { readMetadata } from '../../runtimes/metadata.ts'
import { openSession } from '../../runtimes/node/session.ts'
import type { Feeds } from '../../runtimes/session.ts'

/** y = (|x|·[1 2; 3 4])·[5; 6], with the bracket named `hidden`. */
const { bytes } = await exportOnnx(
  ({ x }) => {
    const hidden = tf.matMul(tf.abs(x) as tf.Tensor2D, tf.tensor2d([1, 2, 3, 4], [2, 2]))
    return { hidden, y: tf.matMul(hidden, tf.tensor2d([5, 6], [2, 1])) }
  },
  { x: { dtype: 'float32', shape: ['N', 2] } },
  { isOutput: (name) => name === 'y' },
)

async function run(graph: Uint8Array, feeds: Feeds, output: string) {
  const session = await openSession(graph, { device: 'cpu', threads: 1 })
  const { [output]: found } = await session.run(feeds, [output])
  await session.release()
  return { data: [...found.data], dims: [...found.dims] }
}

describe('cuttable', () => {
  const graph = cuttable(bytes)
  const rows = (data: number[]) => ({ data: Float32Array.from(data), dims: [data.length / 2, 2] })

  it('knows what nodes give, beside the outputs', () => {
    expect(readMetadata(bytes).outputs.map(({ name }) => name)).toEqual(['y'])
    expect(['hidden', 'y', 'x', 'nothing'].map((name) => graph.gives(name))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it('cuts off what comes after a tensor', async () => {
    const before = graph.cut([], ['hidden'])
    expect(await run(before, { x: rows([-1, 1, 0, -2]) }, 'hidden')).toEqual({
      data: [4, 6, 6, 8],
      dims: [2, 2],
    })
    expect(readMetadata(before)).toMatchObject({
      inputs: [{ name: 'x', shape: ['N', 2] }],
      initializers: [{ shape: [2, 2] }],
      nodes: 2,
    })
  })

  it('cuts off what comes before it', async () => {
    const after = graph.cut(['hidden'], ['y'])
    expect(await run(after, { hidden: rows([4, 6, 1, -1]) }, 'y')).toEqual({ data: [56, -1], dims: [2, 1] })
    expect(readMetadata(after)).toMatchObject({
      inputs: [{ name: 'hidden', shape: ['hidden.rows', 'hidden.columns'] }],
      outputs: [{ name: 'y', shape: ['N', 1] }],
      initializers: [{ shape: [2, 1] }],
      nodes: 1,
    })
  })

  it('refuses what is no graph', () => {
    expect(() => cuttable(new Uint8Array(0), 'a.onnx')).toThrow('a.onnx: an ONNX file without a graph')
    expect(() => cuttable(bytes.subarray(0, 100), 'a.onnx')).toThrow('a.onnx: truncated at byte 100')
  })
})
