// A matrix product with a plain matrix keeps all leading axes, so flattening them first and restoring them after is not
// needed: dense layers of tfjs do that.

import { reshape } from '../build.ts'
import { equal, sameShape } from '../sizes.ts'
import { constantData, producer, type Value } from '../values.ts'
import type { Rule } from './rule.ts'

/** Reshape(act(MatMul(Reshape(x), W) + b)) with W and b constants. */
export const matmul: Rule = (g, { node, inputs, onlyUse }) => {
  if (node.op !== 'Reshape' || !onlyUse(0)) return undefined
  const { shape } = node.outputs[0]
  const steps: { op: string; operand: Value | undefined; attrs: Record<string, unknown> }[] = []
  let value = inputs[0]!
  for (let made = producer(value); made; made = producer(value)) {
    const [a, b] = made.inputs
    if (made.op === 'MatMul') {
      const flat = producer(a!)
      const x = flat?.op === 'Reshape' ? flat.inputs[0] : undefined
      if (!x || b!.shape.length !== 2 || x.shape.length !== shape.length) return undefined
      const kept = sameShape(x.shape.slice(0, -1), shape.slice(0, -1)) && equal(x.shape.at(-1)!, b!.shape[0])
      if (!kept) return undefined
      let result = g.op('MatMul', [x, b])
      for (const step of steps.reverse()) {
        result = g.op(
          step.op,
          step.operand ? [result, step.operand] : [result],
          step.attrs as Record<string, number>,
        )
      }
      return sameShape(result.shape, shape) ? result : reshape(g, result, shape)
    }
    const bias = made.op === 'Add' && b && b.shape.length <= 1 && constantData(b)
    if (!bias && !['Relu', 'Elu', 'Sigmoid', 'Tanh', 'LeakyRelu'].includes(made.op)) return undefined
    steps.push({ op: made.op, operand: bias ? b : undefined, attrs: made.attrs })
    value = a!
  }
  return undefined
}
