// Graph models whose loops are nodes (Enter, Merge, Switch, NextIteration, Exit), and lists of tensors: tfjs takes them turn by
// turn. What they do is written down where their turns follow from sizes, and refused by the node's name where values tell.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ExportResult } from '../../../exporters/onnx/options.ts'
import { CHECKER, check, python } from './checker.ts'
import { convertedJson, type Json, outputs } from './graph-json.ts'

beforeAll(() => tf.setBackend('cpu'))

const type = (name: string) => ({ type: `DT_${name}` })
const FLOAT = { T: type('FLOAT') }
const INT = { T: type('INT32') }
const node = (name: string, op: string, input: string[], attr: Json = FLOAT): Json => ({
  name,
  op,
  input,
  attr,
})
const enter = (name: string, input: string, attr = FLOAT, constant = true): Json =>
  node(name, 'Enter', [input], {
    ...attr,
    frame_name: { s: Buffer.from('loop').toString('base64') },
    is_constant: { b: constant },
  })

/** Numbers that every model here has. */
const NUMBERS = { zero: 0, one: 1, three: 3 } as const
const SHAPE_3 = { name: 'shape3', data: Int32Array.of(3) }

function model(nodes: Json[], functions: Json[] = []): Json {
  const constant = (name: string, dtype: string) => ({ name, op: 'Const', attr: { dtype: type(dtype) } })
  const dims = ['-1', '3'].map((size) => ({ size }))
  return {
    format: 'graph-model',
    modelTopology: {
      node: [
        { name: 'x', op: 'Placeholder', attr: { dtype: type('FLOAT'), shape: { shape: { dim: dims } } } },
        ...Object.keys(NUMBERS).map((name) => constant(name, 'INT32')),
        ...[constant('two', 'FLOAT'), constant('ten', 'FLOAT'), constant(SHAPE_3.name, 'INT32')],
        ...nodes,
      ],
      library: { function: functions },
      versions: {},
    },
    signature: {
      inputs: { x: { name: 'x:0', dtype: 'DT_FLOAT', tensorShape: { dim: dims } } },
      outputs: { y: { name: 'y:0', dtype: 'DT_FLOAT', tensorShape: {} } },
    },
    weightsManifest: [
      {
        paths: ['a.bin'],
        weights: [
          ...Object.keys(NUMBERS).map((name) => ({ name, shape: [], dtype: 'int32' })),
          ...['two', 'ten'].map((name) => ({ name, shape: [], dtype: 'float32' })),
          { name: SHAPE_3.name, shape: [1], dtype: 'int32' },
        ],
      },
    ],
  }
}
const WEIGHTS = new Uint8Array(
  await new Blob([
    Int32Array.from(Object.values(NUMBERS)),
    Float32Array.of(2, 10),
    SHAPE_3.data,
  ]).arrayBuffer(),
)

const exported = new Map<string, Uint8Array>()
async function converted(json: Json): Promise<ExportResult> {
  const result = await convertedJson(json, WEIGHTS)
  exported.set(String(exported.size), result.bytes)
  return result
}

/** x·2, again while `less` holds, which says so of `i`, the turn, and `v`, the tensor. */
const doubling = (less: Json[]): Json[] => [
  enter('i0', 'zero', INT, false),
  enter('v0', 'x', FLOAT, false),
  ...[enter('turns', 'three', INT), enter('step', 'one', INT), enter('factor', 'two'), enter('limit', 'ten')],
  node('i', 'Merge', ['i0', 'i2'], { ...INT, N: { i: '2' } }),
  node('v', 'Merge', ['v0', 'v2'], { ...FLOAT, N: { i: '2' } }),
  ...less,
  node('again', 'LoopCond', ['less'], {}),
  ...[node('iSwitch', 'Switch', ['i', 'again'], INT), node('vSwitch', 'Switch', ['v', 'again'])],
  ...[node('iIn', 'Identity', ['iSwitch:1'], INT), node('vIn', 'Identity', ['vSwitch:1'])],
  ...[node('i1', 'AddV2', ['iIn', 'step'], INT), node('v1', 'Mul', ['vIn', 'factor'])],
  ...[node('i2', 'NextIteration', ['i1'], INT), node('v2', 'NextIteration', ['v1'])],
  node('out', 'Exit', ['vSwitch']),
]

describe('a loop of the older form', () => {
  it('of which the turns are known is written down turn by turn', async () => {
    const loop = doubling([node('less', 'Less', ['i', 'turns'], INT)])
    const result = await converted(model([...loop, node('y', 'Identity', ['out'])]))
    expect(result.verified?.sizes.length).toBeGreaterThan(3)
    const eightfold = [8, -16, 4, 0, 1, 24]
    expect(await outputs(result, [1, -2, 0.5, 0, 0.125, 3])).toEqual([eightfold, eightfold])
  })

  it('of which the turns depend on values is refused by the name of its node', async () => {
    const sum = {
      ...node('sum', 'Max', ['v', 'axes']),
      attr: { ...FLOAT, Tidx: type('INT32'), keep_dims: { b: false } },
    }
    const axes = enter('axes', 'zero', INT)
    const loop = doubling([axes, sum, node('less', 'Less', ['sum', 'limit'])])
    await expect(converted(model([...loop, node('y', 'Identity', ['out'])]))).rejects.toThrow(
      /node "\w+" \(\w+\): the function reads the values of a tensor that depends on its inputs/,
    )
  })

  it('that never ends is refused', async () => {
    const loop = doubling([node('less', 'Less', ['zero', 'one'], INT)])
    await expect(converted(model([...loop, node('y', 'Identity', ['out'])]))).rejects.toThrow(
      /calls more than 50000 kernels at one size; does it end\?/,
    )
  })
})

const LIST = { element_dtype: type('FLOAT'), shape_type: type('INT32') }

describe('lists of tensors', () => {
  it('of the graph itself are tensors, for as many as a batch of 1 makes', async () => {
    const result = await converted(
      model([
        node('list', 'TensorListFromTensor', ['x', 'shape3'], LIST),
        node('first', 'TensorListGetItem', ['list', 'zero', 'shape3'], LIST),
        node('y', 'Mul', ['first', 'two']),
      ]),
    )
    expect(result.inputs[0].shape).toEqual([1, 3])
    expect(result.notes).toEqual([expect.stringMatching(/^the model takes a batch of 1 only: /)])
    expect(await outputs(result, [1, 2, 3])).toEqual([
      [2, 4, 6],
      [2, 4, 6],
    ])
  })

  it('in a function of the model are refused by their name', async () => {
    const body = {
      signature: {
        name: 'body',
        inputArg: [{ name: 'v', type: 'DT_FLOAT' }],
        outputArg: [{ name: 'out', type: 'DT_FLOAT' }],
      },
      nodeDef: [
        ...['three', 'shape3'].map((name) => node(name, 'Const', [], { dtype: type('INT32') })),
        node('reserved', 'TensorListReserve', ['shape3:output:0', 'three:output:0'], LIST),
        node('twice', 'AddV2', ['v', 'v']),
      ],
      ret: { out: 'twice:z:0' },
    }
    const attr = { then_branch: { func: { name: 'body' } }, else_branch: { func: { name: 'body' } } }
    const less = node('less', 'Less', ['most', 'ten'])
    const most = {
      ...node('most', 'Max', ['x', 'axes']),
      attr: { ...FLOAT, Tidx: type('INT32'), keep_dims: { b: false } },
    }
    const flat = node('axes', 'Range', ['zero', 'two_axes', 'one'], { Tidx: type('INT32') })
    const rank = node('two_axes', 'AddV2', ['one', 'one'], INT)
    const graph = model([rank, flat, most, less, node('y', 'StatelessIf', ['less', 'x'], attr)], [body])
    await expect(converted(graph)).rejects.toThrow(
      /^node "y" \(If\): "reserved" \(TensorListReserve\) is in a function of the model: lists of tensors/,
    )
  })
})

describe('what depends on values in a graph', () => {
  it('is a size of its own', async () => {
    const result = await converted(
      model([
        node('positive', 'Greater', ['x', 'two']),
        node('places', 'Where', ['positive'], { T: type('BOOL') }),
        node('found', 'GatherNd', ['x', 'places'], { Tparams: type('FLOAT'), Tindices: type('INT32') }),
        node('y', 'Mul', ['found', 'two']),
      ]),
    )
    expect(result.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: ['places'] }])
    expect(await outputs(result, [1, 3, 2.5, 9, 0, -3])).toEqual([
      [6, 5, 18],
      [6, 5, 18],
    ])
    expect(await outputs(result, [1, 1, 1])).toEqual([[], []])
  })

  it('as the end of a range', async () => {
    const attr = { ...FLOAT, Tidx: type('INT32'), keep_dims: { b: false } }
    const result = await converted(
      model([
        node('count', 'Cast', ['most'], { SrcT: type('FLOAT'), DstT: type('INT32') }),
        ...[
          node('both', 'Pack', ['zero', 'one'], { ...INT, N: { i: '2' } }),
          node('most', 'Max', ['x', 'both'], attr),
        ],
        node('range', 'Range', ['zero', 'count', 'one'], { Tidx: type('INT32') }),
        ...[node('real', 'Cast', ['range'], { SrcT: type('INT32'), DstT: type('FLOAT') })],
        node('y', 'Mul', ['real', 'two']),
      ]),
    )
    expect(result.outputs[0].shape).toEqual(['range'])
    expect(await outputs(result, [1, 3, 2.5])).toEqual([
      [0, 2, 4],
      [0, 2, 4],
    ])
    expect(await outputs(result, [-1, -3, -2])).toEqual([[], []])
  })

  it('that is in neither of two lists', async () => {
    const result = await converted(
      model([
        node('whole', 'Reshape', ['x', 'all'], FLOAT),
        node('all', 'Pack', ['minus'], { ...INT, N: { i: '1' } }),
        node('minus', 'Sub', ['zero', 'one'], INT),
        node('known', 'Pack', ['two', 'ten'], { ...FLOAT, N: { i: '2' } }),
        node('rest', 'ListDiff', ['whole', 'known'], FLOAT),
        node('y', 'Mul', ['rest', 'two']),
      ]),
    )
    expect(await outputs(result, [10, 3, 2, 1, 3, 10])).toEqual([
      [6, 2, 6],
      [6, 2, 6],
    ])
  })
})

it.skipIf(!python)(`are valid: ${CHECKER}`, () => expect(check(exported)).toEqual({}))
