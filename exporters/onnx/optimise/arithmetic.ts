// Arithmetic with constants: what changes nothing goes, and factors that follow each other become one.

import type { Builder } from '../builder.ts'
import { sameShape } from '../sizes.ts'
import { constantData, producer, type Value } from '../values.ts'
import type { Rule } from './rule.ts'

export const arithmetic: Rule = (g, site) => {
  const { op, outputs } = site.node
  const [a, b] = site.inputs
  if (op === 'Cast' && a!.dtype === outputs[0].dtype) return a
  if (op === 'Neg') return negated(g, a!, site.onlyUse(0))
  if (!a || !b) return undefined
  const kept = (value: Value) => (sameShape(value.shape, outputs[0].shape) ? value : undefined)
  switch (op) {
    case 'Add':
      return isAll(b, 0) ? kept(a) : isAll(a, 0) ? kept(b) : undefined
    case 'Sub':
      return isAll(b, 0) ? kept(a) : undefined
    case 'Div':
      return isAll(b, 1) ? kept(a) : undefined
    case 'Mul':
      if (isAll(b, 1)) return kept(a)
      if (isAll(a, 1)) return kept(b)
      return scaled(g, a, b, site.onlyUse(0)) ?? scaled(g, b, a, site.onlyUse(1))
    default:
      return undefined
  }
}

/** A constant of which every element is `value`. */
function isAll(constant: Value, value: number): boolean {
  const data = constantData(constant)
  return data?.every((x) => x === value) ?? false
}

/** float32 ends at 3.4e38. */
const LARGEST = 1e38

const scalarOf = (value: Value): number | undefined =>
  value.shape.length === 0 && value.dtype === 'float32' ? constantData(value)?.[0] : undefined

/** (x·c)·d = x·(c·d) and (−x)·d = x·(−d) for scalars c and d. */
function scaled(g: Builder, x: Value, factor: Value, onlyUse: boolean): Value | undefined {
  const d = scalarOf(factor)
  const before = producer(x)
  if (d === undefined || !onlyUse) return undefined
  if (before?.op === 'Neg') return g.op('Mul', [before.inputs[0], g.scalar(-d, 'float32')])
  if (before?.op !== 'Mul') return undefined
  for (const [i, operand] of before.inputs.entries()) {
    const c = scalarOf(operand!)
    // 0·1e30·1e20 is 0, and 0·∞ is not.
    if (c !== undefined && Math.abs(c * d) < LARGEST) {
      return g.op('Mul', [before.inputs[1 - i], g.scalar(c * d, 'float32')])
    }
  }
  return undefined
}

/** −(x·c) = x·(−c), −(a − b) = b − a, −(−x) = x. */
function negated(g: Builder, x: Value, onlyUse: boolean): Value | undefined {
  const before = producer(x)
  if (before?.op === 'Neg') return before.inputs[0]
  if (!onlyUse || !before) return undefined
  if (before.op === 'Sub') return g.op('Sub', [before.inputs[1], before.inputs[0]])
  if (before.op !== 'Mul') return undefined
  for (const [i, operand] of before.inputs.entries()) {
    const c = scalarOf(operand!)
    if (c !== undefined) return g.op('Mul', [before.inputs[1 - i], g.scalar(-c, 'float32')])
  }
  return undefined
}
