// Reshapes: one after another is one, one that changes nothing is none, and one that only puts reduced axes back
// belongs to the reduction.

import { reshape as reshaped } from '../build.ts'
import { sameShape } from '../sizes.ts'
import { producer } from '../values.ts'
import type { Rule } from './rule.ts'

export const reshape: Rule = (g, { node, inputs, onlyUse }) => {
  if (node.op !== 'Reshape') return undefined
  const x = inputs[0]!
  const { shape } = node.outputs[0]
  if (sameShape(x.shape, shape)) return x
  const before = producer(x)
  if (before?.op === 'Reshape') return reshaped(g, before.inputs[0]!, shape)
  if (before?.op.startsWith('Reduce') && !before.attrs.keepdims && onlyUse(0)) {
    const kept = g.op(before.op, before.inputs, { ...before.attrs, keepdims: 1 })
    if (sameShape(kept.shape, shape)) return kept
  }
  return undefined
}
