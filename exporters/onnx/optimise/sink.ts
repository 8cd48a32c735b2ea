// Moves reshapes past what does not care about them, towards the outputs, where they meet other reshapes and cancel.
// Dense layers and batch normalisation of tfjs flatten before and restore after.

import { reshape } from '../build.ts'
import { equal } from '../sizes.ts'
import { constantData, producer, type Value } from '../values.ts'
import type { Rule, Site } from './rule.ts'

const ELEMENTWISE = new Set([
  ...['Abs', 'Cast', 'Clip', 'Elu', 'Erf', 'Exp', 'LeakyRelu', 'Log', 'Neg', 'Reciprocal', 'Relu', 'Sigmoid'],
  ...['Softplus', 'Sqrt', 'Tanh', 'Add', 'Div', 'Max', 'Min', 'Mul', 'Pow', 'Sub'],
])

export const sink: Rule = (g, site) => {
  const { node, inputs } = site
  const at = reshapedInput(site)
  if (at < 0) return undefined
  const flat = inputs[at]!
  const x = producer(flat)!.inputs[0]!
  const rest = inputs.filter((_, i) => i !== at)
  const { shape } = node.outputs[0]
  if (ELEMENTWISE.has(node.op)) {
    if (!rest.every((value) => broadcastsAlike(value, x, flat))) return undefined
    const moved = inputs.map((value, i) => (i === at ? x : value))
    return reshape(g, g.op(node.op, moved, node.attrs), shape)
  }
  const matrix = node.op === 'MatMul' && at === 0 ? plainMatrix(rest[0]!) : undefined
  if (!matrix || x.shape.length < 2 || !equal(x.shape.at(-1)!, matrix[0])) return undefined
  return reshape(g, g.op('MatMul', [x, reshape(g, rest[0]!, matrix)]), shape)
}

/** The input that is a reshape to move: one that nothing else needs, or that feeds a product. */
function reshapedInput({ node, inputs, onlyUse }: Site): number {
  if (node.op === 'MatMul') return producer(inputs[0]!)?.op === 'Reshape' ? 0 : -1
  return inputs.findIndex((value, i) => value && producer(value)?.op === 'Reshape' && onlyUse(i))
}

/** A constant that means the same beside `x` as beside its reshape: one number, or one for each place on the last axis. */
function broadcastsAlike(value: Value | undefined, x: Value, flat: Value): boolean {
  if (!value) return true
  if (!constantData(value) || value.shape.length > 1) return false
  const [last, flatLast] = [x.shape.at(-1), flat.shape.at(-1)]
  return value.shape.length === 0 || (last !== undefined && flatLast !== undefined && equal(last, flatLast))
}

/** The rows and columns of a constant that is one matrix, whatever axes of size 1 lead it. */
function plainMatrix(value: Value): readonly [number, number] | undefined {
  const shape = value.shape as readonly number[]
  if (!constantData(value) || !shape.slice(0, -2).every((size) => size === 1)) return undefined
  return [shape[shape.length - 2], shape[shape.length - 1]]
}
