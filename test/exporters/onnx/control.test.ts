// Branches and loops of graph models: functions in their library, and nodes that name them.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { convertModel } from '../../../exporters/onnx/convert.ts'
import { nestedGraph } from '../../../exporters/onnx/file/graph.ts'
import { parseModelJson, withWeights } from '../../../exporters/onnx/model-json.ts'
import type { ExportResult } from '../../../exporters/onnx/options.ts'
import { decodeModel } from '../../../exporters/onnx/proto.ts'
import { CHECKER, check, python } from './checker.ts'
import { convertedJson, type Json, outputs } from './graph-json.ts'

beforeAll(() => tf.setBackend('cpu'))

const FLOAT = { T: { type: 'DT_FLOAT' } }
const placeholder = (name: string, ...sizes: number[]) => ({
  name,
  op: 'Placeholder',
  attr: {
    dtype: { type: 'DT_FLOAT' },
    shape: { shape: { dim: sizes.map((size) => ({ size: String(size) })) } },
  },
})
const constant = (name: string) => ({ name, op: 'Const', attr: { dtype: { type: 'DT_FLOAT' } } })
const node = (name: string, op: string, ...input: string[]) => ({ name, op, input, attr: FLOAT })

/** A function of a library; what it gives is `output` of its nodes. */
const library = (name: string, args: string[], nodes: Json[], outputs: string[], type = 'DT_FLOAT') => ({
  signature: {
    name,
    inputArg: args.map((arg) => ({ name: arg, type: 'DT_FLOAT' })),
    outputArg: outputs.map((_, i) => ({ name: `out${i}`, type })),
  },
  nodeDef: nodes,
  ret: Object.fromEntries(outputs.map((output, i) => [`out${i}`, output])),
})

function model(nodes: Json[], functions: Json[], output: string): Json {
  return {
    format: 'graph-model',
    modelTopology: {
      node: [placeholder('x', -1, 3), ...nodes],
      library: { function: functions },
      versions: {},
    },
    signature: {
      inputs: {
        x: { name: 'x:0', dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '-1' }, { size: '3' }] } },
      },
      outputs: { y: { name: `${output}:0`, dtype: 'DT_FLOAT', tensorShape: {} } },
    },
    weightsManifest: [
      {
        paths: ['a.bin'],
        weights: [
          { name: 'ten', shape: [], dtype: 'float32' },
          { name: 'two', shape: [], dtype: 'float32' },
          { name: 'axes', shape: [2], dtype: 'int32' },
          { name: 'one', shape: [], dtype: 'float32' },
          { name: 'none', shape: [], dtype: 'float32' },
        ],
      },
    ],
  }
}
const WEIGHTS = new Uint8Array(
  await new Blob([Float32Array.of(10, 2), Int32Array.of(0, 1), Float32Array.of(1, 0)]).arrayBuffer(),
)
const CONSTANTS = [constant('ten'), constant('two'), constant('one'), constant('none')]
const AXES = { name: 'axes', op: 'Const', attr: { dtype: { type: 'DT_INT32' } } }

/** `name` = the sum of all numbers of `x`. */
const sum = (name: string, x: string) => ({
  ...node(name, 'Sum', x, 'axes'),
  attr: { ...FLOAT, Tidx: { type: 'DT_INT32' }, keep_dims: { b: false } },
})
const func = (name: string) => ({ func: { name } })

const exported = new Map<string, Uint8Array>()

async function converted(json: Json, name: string): Promise<ExportResult> {
  const result = await convertedJson(json, WEIGHTS)
  exported.set(name, result.bytes)
  return result
}

/** x·2 while the sum is below ten, and how often: y = x·2ⁿ + n. */
const doubling = model(
  [
    ...[...CONSTANTS, AXES],
    {
      name: 'loop',
      op: 'StatelessWhile',
      input: ['x', 'none'],
      attr: { cond: func('below'), body: func('twice'), T: { list: { type: ['DT_FLOAT', 'DT_FLOAT'] } } },
    },
    node('y', 'AddV2', 'loop', 'loop:1'),
  ],
  [
    library(
      'below',
      ['v', 'n'],
      [AXES, sum('all', 'v'), constant('ten'), node('less', 'Less', 'all:output:0', 'ten:output:0')],
      ['less:z:0'],
      'DT_BOOL',
    ),
    library(
      'twice',
      ['v', 'n'],
      [
        constant('two'),
        constant('one'),
        node('more', 'Mul', 'v', 'two:output:0'),
        node('next', 'AddV2', 'n', 'one:output:0'),
      ],
      ['more:z:0', 'next:z:0'],
    ),
  ],
  'y',
)

describe('a loop', () => {
  it('of which the turns depend on values is one operator', async () => {
    const result = await converted(doubling, 'doubling')
    expect(result.operators.Loop).toBe(1)
    expect(result.verified?.sizes.length).toBeGreaterThan(3)
    // 1.5 → 3 → 6 → 12: three turns.
    const expected = [7, 7, 7]
    expect(await outputs(result, [0.5, 0.5, 0.5])).toEqual([expected, expected])
    expect(await outputs(result, [4, 4, 4])).toEqual([
      [4, 4, 4],
      [4, 4, 4],
    ])
    expect(await outputs(result, [1, 1, 1, 1, 1, 1])).toEqual([
      [3, 3, 3, 3, 3, 3],
      [3, 3, 3, 3, 3, 3],
    ])
  })

  it('has a body whose names are its own', async () => {
    const { nodes } = decodeModel((await converted(doubling, 'doubling')).bytes).graph
    const loop = nodes.find(({ op }) => op === 'Loop')!
    expect(loop.name).toBe('loop.loop')
    expect(nestedGraph(loop.attrs.body)?.inputs).toEqual([
      { name: 'loop.loop/body/turn', dtype: 'int64', shape: [] },
      { name: 'loop.loop/body/condition', dtype: 'bool', shape: [] },
      { name: 'loop.loop/body/x0', dtype: 'float32', shape: ['batch', 3] },
      { name: 'loop.loop/body/x1', dtype: 'float32', shape: [] },
    ])
  })

  it('that grows what it is given, as often as values say, is refused by its name', async () => {
    const growing = structuredClone(doubling) as typeof doubling
    const topology = growing.modelTopology as { library: { function: { nodeDef: Json[] }[] } }
    topology.library.function[1].nodeDef[2] = {
      name: 'more',
      op: 'ConcatV2',
      input: ['v', 'v', 'axis:output:0'],
      attr: { ...FLOAT, N: { i: '2' } },
    }
    topology.library.function[1].nodeDef.push({
      name: 'axis',
      op: 'Const',
      attr: { dtype: { type: 'DT_INT32' } },
    })
    const [{ weights }] = growing.weightsManifest as { weights: Json[] }[]
    weights.push({ name: 'axis', shape: [], dtype: 'int32' })
    const read = parseModelJson(JSON.stringify(growing), 'model.json')
    const all = new Uint8Array(await new Blob([WEIGHTS, Int32Array.of(0)]).arrayBuffer())
    await expect(convertModel(read.kind, withWeights(read, [all]), 'model.json')).rejects.toThrow(
      /^node "loop" \(While\): how often it loops depends on values, .* a turn makes float32/,
    )
  })
})

/** x·2 where the sum is below ten, else −x. */
const choosing = (otherwise: string) =>
  model(
    [
      ...[...CONSTANTS, AXES, sum('all', 'x'), node('less', 'Less', 'all', 'ten')],
      {
        name: 'y',
        op: 'StatelessIf',
        input: ['less', 'x'],
        attr: { then_branch: func('twice'), else_branch: func('other'), Tcond: { type: 'DT_BOOL' } },
      },
    ],
    [
      library('twice', ['v'], [constant('two'), node('more', 'Mul', 'v', 'two:output:0')], ['more:z:0']),
      library('other', ['v'], [AXES, node('neg', 'Neg', 'v'), sum('one_number', 'v')], [otherwise]),
    ],
    'y',
  )

describe('a branch', () => {
  it('that depends on values is one operator', async () => {
    const result = await converted(choosing('neg:y:0'), 'choosing')
    expect(result.operators.If).toBe(1)
    expect(await outputs(result, [1, 2, 3])).toEqual([
      [2, 4, 6],
      [2, 4, 6],
    ])
    expect(await outputs(result, [10, 2, 3])).toEqual([
      [-10, -2, -3],
      [-10, -2, -3],
    ])
  })

  it('that gives other sizes than the other is refused by its name', async () => {
    await expect(converted(choosing('one_number:output:0'), 'uneven')).rejects.toThrow(
      /^node "y" \(If\): one branch gives float32 \[\d+,3\], the other float32 \[\]; both must give the same/,
    )
  })
})

describe('control flow', () => {
  it.skipIf(!python)(`is valid: ${CHECKER}`, () => expect(check(exported)).toEqual({}))
})
