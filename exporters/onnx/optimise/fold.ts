// Computes what depends on constants only: the transposes of weights, the scale and shift of a batch normalisation.
// The recorder has folded everything else already, because tfjs computes constants while it records.

import type { Builder } from '../builder.ts'
import { type ConstantData, constantData, type Value } from '../values.ts'
import type { Rule } from './rule.ts'

const { fround } = Math
const UNARY: ReadonlyMap<string, (x: number) => number> = new Map([
  ['Neg', (x) => -x],
  ['Reciprocal', (x) => 1 / x],
  ['Sqrt', Math.sqrt],
])
const BINARY: ReadonlyMap<string, (a: number, b: number) => number> = new Map([
  ['Add', (a, b) => a + b],
  ['Div', (a, b) => a / b],
  ['Mul', (a, b) => a * b],
  ['Sub', (a, b) => a - b],
])

export const fold: Rule = (g, { node, inputs }) => {
  const [x, y] = inputs
  const a = x && constantData(x)
  if (!x || !a || !node.outputs[0].shape.every((size) => typeof size === 'number')) return undefined
  const shape = node.outputs[0].shape as number[]
  const label = x.source.kind === 'constant' ? x.source.label : undefined
  if (node.op === 'Reshape') return g.constant(a, shape, label)
  if (node.op === 'Transpose') {
    return g.constant(transposed(a, x.shape as number[], node.attrs.perm as number[]), shape, label)
  }
  if (!(a instanceof Float32Array)) return undefined
  const unary = UNARY.get(node.op)
  if (unary) return g.constant(Float32Array.from(a, unary), shape)
  const binary = BINARY.get(node.op)
  const b = y && constantData(y)
  return binary && b ? combined(g, binary, [x, y], shape) : undefined
}

function transposed(data: ConstantData, shape: readonly number[], perm: readonly number[]): ConstantData {
  const strides = strideOf(shape)
  const result = data.slice()
  const order = perm.map((axis) => ({ size: shape[axis], stride: strides[axis] }))
  let at = 0
  const walk = (depth: number, offset: number): void => {
    if (depth === order.length) {
      result[at++] = data[offset]
      return
    }
    const { size, stride } = order[depth]
    for (let i = 0; i < size; i++) walk(depth + 1, offset + i * stride)
  }
  if (data.length > 0) walk(0, 0)
  return result
}

function combined(
  g: Builder,
  operation: (a: number, b: number) => number,
  operands: readonly Value[],
  shape: readonly number[],
): Value {
  const [a, b] = operands.map((value) => broadcastTo(value, shape))
  return g.constant(
    Float32Array.from({ length: shape.reduce((n, size) => n * size, 1) }, (_, i) =>
      fround(operation(a(i), b(i))),
    ),
    shape,
  )
}

/** Reads a constant as if it had been broadcast to `shape`. */
function broadcastTo(value: Value, shape: readonly number[]): (index: number) => number {
  const data = constantData(value)!
  const own = value.shape as number[]
  const before = shape.length - own.length
  const strides = strideOf(own)
  const outer = strideOf(shape)
  return (index) =>
    data[
      own.reduce((at, size, axis) => {
        const place = Math.floor(index / outer[axis + before]) % shape[axis + before]
        return size === 1 ? at : at + place * strides[axis]
      }, 0)
    ]
}

const strideOf = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((n, size) => n * size, 1))
