// Kernels of one tensor, element by element. Those that ONNX has no operator for, or none that every provider runs,
// are written out; each says its formula.

import { cast } from '../build.ts'
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

export const Abs = same('Abs')
export const Acos = same('Acos')
export const Acosh = same('Acosh')
export const Asin = same('Asin')
export const Asinh = same('Asinh')
export const Atan = same('Atan')
export const Atanh = same('Atanh')
export const Ceil = same('Ceil')
export const Cos = same('Cos')
export const Cosh = same('Cosh')
export const Erf = same('Erf')
export const Exp = same('Exp')
export const Floor = same('Floor')
export const Identity: Lowering = (_, call) => input(call, 'x')
export const Log = same('Log')
export const Neg = same('Neg')
export const Reciprocal = same('Reciprocal')
export const Sigmoid = same('Sigmoid')
export const Sin = same('Sin')
export const Sinh = same('Sinh')
export const Sqrt = same('Sqrt')
export const Tan = same('Tan')
export const Tanh = same('Tanh')

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

/** log(1 + x) = log(u)·x / (u − 1) with u = 1 + x rounded, which stays exact for small x (W. Kahan). */
export const Log1p = formula((g, x) => {
  const u = g.op('Add', [x, f32(g, 1)])
  const rest = g.op('Sub', [u, f32(g, 1)])
  const none = g.op('Equal', [rest, f32(g, 0)])
  const safe = g.op('Where', [none, f32(g, 1), rest])
  // The quotient first: rest is infinite where x is.
  const scaled = g.op('Mul', [g.op('Log', [u]), g.op('Div', [x, safe])])
  return g.op('Where', [none, x, scaled])
})

/** e^x − 1 = 2·sinh(x/2)·e^(x/2), which stays exact for small x. */
export const Expm1 = formula((g, x) => {
  const half = g.op('Mul', [x, f32(g, 0.5)])
  return g.op('Mul', [g.op('Mul', [f32(g, 2), g.op('Sinh', [half])]), g.op('Exp', [half])])
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
  g.op('Clip', [
    x,
    g.scalar(number(call, 'clipValueMin'), x.dtype),
    g.scalar(number(call, 'clipValueMax'), x.dtype),
  ]),
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
