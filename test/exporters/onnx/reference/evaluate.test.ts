// What the evaluator refuses, with errors that name the node and the value: graphs it does not know, inputs that do not
// fit, and files made to hurt.

import { describe, expect, it } from 'vitest'
import { encodeModel } from '../../../../exporters/onnx/proto.ts'
import { evaluateGraph } from '../../../../exporters/onnx/reference/evaluate.ts'
import { LimitError, ModelFileError } from '../../../../src/errors.ts'
import { counting, evaluate, floats, ints, list, model, node, one, stored } from './graph.ts'

const sum = { nodes: [node('Add', ['a', 'b'])] }
const pair = { a: floats(1, 2), b: floats(3, 4) }

function refused(attempt: () => unknown, message: RegExp): void {
  expect(attempt).toThrow(ModelFileError)
  expect(attempt).toThrow(message)
}

const reshaped = (...sizes: number[]) =>
  evaluate(
    { x: counting(2, 3) },
    { nodes: [node('Reshape', ['x', 's'])], initializers: [list('s', ...sizes)] },
  )

describe('a graph', () => {
  it('is evaluated from a file, or decoded, in any supported operator set', () => {
    for (const opset of [17, 18, 19, 20, 21]) {
      const decoded = model(pair, { ...sum, opset })
      for (const file of [decoded, encodeModel(decoded)]) {
        expect(evaluateGraph(file, pair).get('y')).toEqual({
          type: 'float64',
          dims: [2],
          data: Float64Array.of(4, 6),
        })
      }
    }
  })

  it('is computed in float64 from float64', () => {
    const [tiny] = evaluate({ a: floats(1), b: floats(2 ** -50) }, sum).data
    expect(tiny).toBe(1 + 2 ** -50)
  })

  it('may give an input or an initializer as it is, and the same value twice', () => {
    const nodes = [node('Neg', ['a'], {}, ['n'])]
    const initializers = [stored('c', 'float32', [1], Float32Array.of(0.5))]
    const file = model({ a: floats(1) }, { nodes, initializers, outputs: ['n', 'a', 'c', 'n'] })
    const outputs = evaluateGraph(file, { a: floats(1) })
    expect([...outputs].map(([name, { data }]) => [name, data[0]])).toEqual([
      ['n', -1],
      ['a', 1],
      ['c', 0.5],
    ])
  })

  it('of another operator set, operator, or domain is refused', () => {
    refused(() => evaluate(pair, { ...sum, opset: 12 }), /^operator set 12; the evaluator knows 17, .*21$/)
    refused(() => one('Einsum', [floats(1)]), /^Einsum "the.Einsum": is no operator that the evaluator knows/)
    // A name of Object's own is no operator either.
    refused(() => one('constructor', [floats(1)]), /^constructor /)
  })

  it('with an attribute that changes what it means is refused', () => {
    refused(() => one('Exp', [floats(1)], { base: 2 }), /^Exp "the.Exp": attribute base = 2 is none that/)
    const image = counting(1, 1, 2, 2)
    refused(
      () => one('MaxPool', [image], { kernel_shape: [2, 2], auto_pad: 'VALID' }),
      /auto_pad is "VALID", which the evaluator does not know: NOTSET/,
    )
  })

  it('that is not in order, gives a value twice, or lacks one is refused', () => {
    refused(() => evaluate(pair, { nodes: [node('Add', ['a', 'later'])] }), /its input "later" is no input/)
    const twice = [node('Neg', ['a']), node('Add', ['y', 'b'])]
    refused(() => evaluate(pair, { nodes: twice }), /Add "the.Add": "y" is there already/)
    refused(() => evaluate(pair, { ...sum, outputs: ['z'] }), /nothing in the graph gives the output "z"/)
    refused(() => evaluate(pair, { nodes: [node('Neg', ['a'], {}, ['y', 'z'])] }), /output 1, "z", is none/)
  })

  it.each<[string, () => unknown, RegExp]>([
    ['a missing input', () => one('Add', [floats(1)]), /^Add "the.Add": has no input 1/],
    ['types', () => one('Add', [floats(1), ints(1)]), /takes float64 as input 1, found int32 \[1\]/],
    ['a type', () => one('Exp', [ints(1)]), /takes float64 as input 0, found int32 \[1\]/],
    ['sizes', () => one('Add', [floats(1, 2), floats(1, 2, 3)]), /\[2\] and float64 \[3\] do not broadcast/],
    [
      'a rank',
      () => one('MatMul', [floats(1), counting(1, 1)]),
      /\[1\] times float64 \[1, 1\] is no product/,
    ],
    [
      'the rank of images',
      () => one('MaxPool', [counting(2, 2)], {}),
      /takes images .*found float64 \[2, 2\]/,
    ],
    [
      'the sizes of a Reshape',
      () => reshaped(4, -1),
      /float64 \[2, 3\] has not as many elements as \[4,-1\]/,
    ],
    ['a size below −1', () => reshaped(-2, -3), /has not as many elements as \[-2,-3\]/],
    ['a 0 past the last axis', () => reshaped(2, 3, 0), /has not as many elements as \[2,3,0\]/],
    [
      'an axis of nothing',
      () => one('ArgMax', [counting(2, 0)], { axis: 1 }),
      /axis 1 of float64 \[2, 0\] has no/,
    ],
    ['an axis', () => one('Softmax', [floats(1)], { axis: 1 }), /axis 1 of a tensor of rank 1/],
    ['an axis twice', () => one('ReduceMax', [counting(2, 2)], { axes: [0, -2] }), /name one twice/],
    [
      'an attribute',
      () => one('Concat', [floats(1)]),
      /attribute axis is undefined, expected a whole number/,
    ],
    ['an order', () => one('Transpose', [counting(2, 2)], { perm: [0] }), /\[0\] is no order of the axes/],
  ])('wrong in %s is refused by name', (_, attempt, message) => refused(attempt, message))
})

describe('inputs', () => {
  const declared = model(pair, sum)
  const { graph } = declared
  const fixed = {
    ...declared,
    graph: { ...graph, inputs: graph.inputs.map((info) => ({ ...info, shape: ['n'] })) },
  }

  it('that are missing, unknown, or of another type or size are refused', () => {
    const attempt = (inputs: Parameters<typeof evaluateGraph>[1]) => () => evaluateGraph(fixed, inputs)
    refused(attempt({ a: floats(1) }), /^input "b" is missing: float32 \[n\]$/)
    refused(attempt({ ...pair, c: floats(1) }), /^the graph has no input "c"; it has a, b$/)
    refused(
      attempt({ ...pair, b: ints(1, 2) }),
      /^input "b" is Int32Array \[2\] of 2 numbers, expected float32/,
    )
    refused(attempt({ ...pair, b: counting(1, 2) }), /^input "b" is Float64Array \[1, 2\] of 2 numbers/)
    refused(
      attempt({ ...pair, b: { ...pair.b, dims: [3] } }),
      /^input "b" is Float64Array \[3\] of 2 numbers/,
    )
    refused(attempt({ ...pair, b: floats(1) }), /^n is 1 in input "b", but 2 in input "a"$/)
  })
})

describe('files made to hurt', () => {
  const huge = 2 ** 40
  const limited = (attempt: () => unknown) => expect(attempt).toThrow(LimitError)
  const x = { x: floats(1) }

  it('ask for more memory in one tensor than there is', () => {
    for (const [op, ...sizes] of [
      ['Expand', huge],
      ['Tile', huge],
      ['Expand', huge, 0],
      ['Expand', ...Array<number>(40).fill(1)],
    ] as const) {
      const parts = { nodes: [node(op, ['x', 's'])], initializers: [list('s', ...sizes)] }
      limited(() => evaluate(x, parts))
    }
    const padded = { nodes: [node('Pad', ['x', 's'])], initializers: [list('s', huge, huge)] }
    limited(() => evaluate(x, padded))
    const pool = { kernel_shape: [huge, 1], pads: [huge, 0, huge, 0] }
    limited(() => one('MaxPool', [counting(1, 1, 1, 1)], pool))
  })

  it('ask for it in many', () => {
    // Products of no terms: zeros that nothing ever writes.
    const tables = {
      a: { data: new Float64Array(0), dims: [2 ** 12, 0] },
      b: { data: new Float64Array(0), dims: [0, 2 ** 13] },
    }
    const nodes = Array.from({ length: 9 }, (_, n) => node('MatMul', ['a', 'b'], {}, [`y${n}`]))
    const all = { nodes, outputs: nodes.map(({ outputs }) => outputs[0]) }
    expect(() => evaluate(tables, all)).toThrow(/"y\d": the values that are needed at once take \d+ bytes/)
    // What nothing needs any more is no trouble.
    expect(evaluate(tables, { ...all, outputs: ['y8'] }).dims).toEqual([2 ** 12, 2 ** 13])
  })

  it('have initializers that are not as long as they say', () => {
    const short = { ...stored('c', 'float32', [2], Float32Array.of(1)) }
    refused(
      () => evaluate(x, { nodes: [node('Add', ['x', 'c'])], initializers: [short] }),
      /^initializer "c" of type float32 \[2\] has 4 bytes of raw data, expected 8$/,
    )
    const negative = { ...short, shape: [-1] }
    limited(() => evaluate(x, { nodes: [node('Add', ['x', 'c'])], initializers: [negative] }))
  })
})
