// Kernels of two tensors that broadcast: arithmetic, comparison, logic and choice.

import { cast } from '../build.ts'
import type { Builder } from '../builder.ts'
import type { Value } from '../values.ts'
import { input, inputList, type Lowering } from './lowering.ts'

type Pair = (g: Builder, a: Value, b: Value) => Value

/** Both operands in the type that the kernel gives. */
const arithmetic =
  (write: Pair): Lowering =>
  (g, call) => {
    const { dtype } = call.outputs[0]
    return write(g, cast(g, input(call, 'a'), dtype), cast(g, input(call, 'b'), dtype))
  }

const plain = (op: string): Lowering => arithmetic((g, a, b) => g.op(op, [a, b]))

/** ONNX compares numbers only: booleans are compared as int32. */
const comparison =
  (op: string): Lowering =>
  (g, call) => {
    const [a, b] = [input(call, 'a'), input(call, 'b')]
    const dtype = a.dtype === 'float32' || b.dtype === 'float32' ? 'float32' : 'int32'
    return g.op(op, [cast(g, a, dtype), cast(g, b, dtype)])
  }

export const Add = plain('Add')
export const Multiply = plain('Mul')
export const Sub = plain('Sub')
export const Maximum = plain('Max')
export const Minimum = plain('Min')

export const Equal = comparison('Equal')
export const Greater = comparison('Greater')
export const GreaterEqual = comparison('GreaterOrEqual')
export const Less = comparison('Less')
export const LessEqual = comparison('LessOrEqual')
export const NotEqual: Lowering = (g, call) => g.op('Not', [Equal(g, call) as Value])

export const AddN: Lowering = (g, call) => inputList(call).reduce((sum, x) => g.op('Add', [sum, x]))

export const SquaredDifference = arithmetic((g, a, b) => {
  const difference = g.op('Sub', [a, b])
  return g.op('Mul', [difference, difference])
})

/** Always float32, also of integers. */
export const RealDiv: Lowering = (g, call) =>
  g.op('Div', [cast(g, input(call, 'a'), 'float32'), cast(g, input(call, 'b'), 'float32')])

const floorDiv = (g: Builder, a: Value, b: Value) =>
  g.op('Floor', [g.op('Div', [cast(g, a, 'float32'), cast(g, b, 'float32')])])

/** floor(a / b), exact for integers up to 2²⁴. */
export const FloorDiv: Lowering = (g, call) =>
  cast(g, floorDiv(g, input(call, 'a'), input(call, 'b')), call.outputs[0].dtype)

/** a − b·floor(a / b): the sign of the divisor, as in Python. */
export const Mod = arithmetic((g, a, b) =>
  g.op('Sub', [a, g.op('Mul', [b, cast(g, floorDiv(g, a, b), a.dtype)])]),
)

/** Integers go through float32: every provider has that one, and powers up to 2²⁴ are exact. */
export const Pow: Lowering = (g, call) => {
  const power = g.op('Pow', [cast(g, input(call, 'a'), 'float32'), cast(g, input(call, 'b'), 'float32')])
  return cast(g, power, call.outputs[0].dtype)
}

export const LogicalAnd: Lowering = (g, call) =>
  g.op('And', [cast(g, input(call, 'a'), 'bool'), cast(g, input(call, 'b'), 'bool')])

/** Not (not a and not b): not every provider runs Or. */
export const LogicalOr: Lowering = (g, call) => {
  const [a, b] = ['a', 'b'].map((name) => g.op('Not', [cast(g, input(call, name), 'bool')]))
  return g.op('Not', [g.op('And', [a, b])])
}

export const Select: Lowering = (g, call) => {
  const { dtype } = call.outputs[0]
  const condition = cast(g, input(call, 'condition'), 'bool')
  return g.op('Where', [condition, cast(g, input(call, 't'), dtype), cast(g, input(call, 'e'), dtype)])
}
