// Element-wise operators broadcast by themselves: an Expand before one is not needed when the others give the shape.

import { broadcast as broadcastShape } from '../operators/operator.ts'
import { sameShape } from '../sizes.ts'
import { producer } from '../values.ts'
import type { Rule } from './rule.ts'

const BROADCASTING = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Pow', 'Where', 'And'],
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'],
])

export const broadcast: Rule = (g, { node, inputs }) => {
  if (!BROADCASTING.has(node.op)) return undefined
  for (const [i, value] of inputs.entries()) {
    const expanded = value && producer(value)
    if (expanded?.op !== 'Expand') continue
    const narrow = inputs.map((other, j) => (j === i ? expanded.inputs[0] : other)!)
    const shape = broadcastShape(node.op, ...narrow.map((other) => other.shape))
    if (sameShape(shape, node.outputs[0].shape)) return g.op(node.op, narrow, node.attrs)
  }
  return undefined
}
