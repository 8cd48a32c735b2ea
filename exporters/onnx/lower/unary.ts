// Kernels of one tensor, element by element. Those that ONNX has no operator for, or none that every provider runs,
// are written out; each says its formula.

import { cast, clip } from '../build.ts'
import type { Builder } from '../builder.ts'
import type { Value } from '../values.ts'
import { type Call, input, type Lowering, number } from './lowering.ts'

/** An ONNX operator that is the kernel. int32 tensors become float32 where tfjs makes them so. */
const same =
  (op: string): Lowering =>
  (g, call) =>
    g.op(op, [cast(g, input(call, 'x'), call.outputs[0].dtype)])

/** A formula over x in the type that the kernel gives. */
const formula =
  (write: (g: Builder, x: Value, call: Call) => Value): Lowering =>
  (g, call) =>
    write(g, cast(g, input(call, 'x'), call.outputs[0].dtype), call)

const f32 = (g: Builder, value: number) => g.scalar(value, 'float32')

export const Ceil = same('Ceil')
export const Erf = same('Erf')
export const Exp = same('Exp')
export const Floor = same('Floor')
export const Identity: Lowering = (_, call) => input(call, 'x')
export const Log = same('Log')
export const Reciprocal = same('Reciprocal')
export const Sigmoid = same('Sigmoid')
export const Sqrt = same('Sqrt')

/** Not every provider runs Neg and Abs of integers. */
export const Neg = formula((g, x) =>
  x.dtype === 'float32' ? g.op('Neg', [x]) : g.op('Sub', [g.scalar(0, x.dtype), x]),
)
export const Abs = formula((g, x) =>
  x.dtype === 'float32' ? g.op('Abs', [x]) : g.op('Max', [x, g.op('Sub', [g.scalar(0, x.dtype), x])]),
)

export const Square = formula((g, x) => g.op('Mul', [x, x]))

export const Rsqrt = formula((g, x) => g.op('Reciprocal', [g.op('Sqrt', [x])]))

export const Cast: Lowering = (g, call) => {
  const x = input(call, 'x')
  return cast(g, x, call.outputs[0].dtype)
}

export const LogicalNot: Lowering = (g, call) => g.op('Not', [cast(g, input(call, 'x'), 'bool')])

/** 1 where x > 0, −1 where x < 0, else 0. */
export const Sign = formula((g, x) => {
  const zero = g.scalar(0, x.dtype)
  const positive = cast(g, g.op('Greater', [x, zero]), x.dtype)
  return g.op('Sub', [positive, cast(g, g.op('Less', [x, zero]), x.dtype)])
})

/** To the nearest whole number, halves to the even one: floor(x + ½), less 1 where x + ½ is whole and that is odd. */
export const Round = formula((g, x) => {
  const up = g.op('Floor', [g.op('Add', [x, f32(g, 0.5)])])
  const tie = g.op('Equal', [g.op('Sub', [up, x]), f32(g, 0.5)])
  const half = g.op('Mul', [up, f32(g, 0.5)])
  const odd = g.op('Greater', [g.op('Sub', [half, g.op('Floor', [half])]), f32(g, 0)])
  return g.op('Sub', [up, cast(g, g.op('And', [tie, odd]), 'float32')])
})

/** NaN is the only number that differs from itself. */
export const IsNan: Lowering = (g, call) => {
  const x = cast(g, input(call, 'x'), 'float32')
  return g.op('Not', [g.op('Equal', [x, x])])
}

export const IsInf: Lowering = (g, call) =>
  g.op('Equal', [g.op('Abs', [cast(g, input(call, 'x'), 'float32')]), f32(g, Number.POSITIVE_INFINITY)])

export const IsFinite: Lowering = (g, call) =>
  g.op('Less', [g.op('Abs', [cast(g, input(call, 'x'), 'float32')]), f32(g, Number.POSITIVE_INFINITY)])

export const ClipByValue = formula((g, x, call) =>
  clip(g, x, number(call, 'clipValueMin'), number(call, 'clipValueMax')),
)

/** 1 where x > 0, else alpha. */
export const Step = formula((g, x, call) => {
  const positive = g.op('Greater', [x, g.scalar(0, x.dtype)])
  return g.op('Where', [positive, g.scalar(1, x.dtype), g.scalar(number(call, 'alpha', 0), x.dtype)])
})

export const ZerosLike: Lowering = (g, call) => filled(g, call, 0)
export const OnesLike: Lowering = (g, call) => filled(g, call, 1)

function filled(g: Builder, call: Call, value: number): Value {
  const { dtype, shape } = call.outputs[0]
  return g.op('Expand', [g.scalar(value, dtype), g.sizes(shape)])
}
