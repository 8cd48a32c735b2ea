// Transposes: one after another is one, and one that only moves axes of size 1 is a reshape.

import { reshape, transpose as transposed } from '../build.ts'
import { producer } from '../values.ts'
import type { Rule } from './rule.ts'

export const transpose: Rule = (g, { node, inputs }) => {
  if (node.op !== 'Transpose') return undefined
  const x = inputs[0]!
  const perm = node.attrs.perm as number[]
  const before = producer(x)
  if (before?.op === 'Transpose') {
    const first = before.attrs.perm as number[]
    return transposed(
      g,
      before.inputs[0]!,
      perm.map((axis) => first[axis]),
    )
  }
  const long = perm.filter((axis) => x.shape[axis] !== 1)
  return long.every((axis, i) => i === 0 || long[i - 1] < axis)
    ? reshape(g, x, node.outputs[0].shape)
    : undefined
}
