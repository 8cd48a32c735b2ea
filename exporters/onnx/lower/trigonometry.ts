// Trigonometric and hyperbolic functions. The CUDA provider has none but Sin, Cos and Tanh, and the inverse ones are
// only good to 1e-4 on WebGPU, so the others are written out, to about 1e-7 everywhere.

import { cast } from '../build.ts'
import type { Builder } from '../builder.ts'
import type { Value } from '../values.ts'
import { input, type Lowering } from './lowering.ts'

/** A function of one float32 tensor. */
const formula =
  (write: (g: Builder, x: Value) => Value): Lowering =>
  (g, call) =>
    write(g, cast(g, input(call, 'x'), 'float32'))

const f32 = (g: Builder, value: number) => g.scalar(value, 'float32')
const plus = (g: Builder, x: Value, c: number) => g.op('Add', [x, f32(g, c)])
const times = (g: Builder, x: Value, c: number) => g.op('Mul', [x, f32(g, c)])

export const Sin = formula((g, x) => g.op('Sin', [x]))
export const Cos = formula((g, x) => g.op('Cos', [x]))
export const Tanh = formula((g, x) => g.op('Tanh', [x]))
export const Tan = formula((g, x) => g.op('Div', [g.op('Sin', [x]), g.op('Cos', [x])]))
export const Atan = formula(atan)
export const Log1p = formula(log1p)

/** atan(x / √((1 − x)(1 + x))); ±1 gives atan(±∞). */
export const Asin = formula((g, x) => {
  const adjacent = g.op('Sqrt', [g.op('Mul', [g.op('Sub', [f32(g, 1), x]), plus(g, x, 1)])])
  return atan(g, g.op('Div', [x, adjacent]))
})

/** 2·atan(√((1 − x) / (1 + x))) */
export const Acos = formula((g, x) =>
  times(g, atan(g, g.op('Sqrt', [g.op('Div', [g.op('Sub', [f32(g, 1), x]), plus(g, x, 1)])])), 2),
)

/** (e^x + e^−x) / 2 */
export const Cosh = formula((g, x) =>
  times(g, g.op('Add', [g.op('Exp', [x]), g.op('Exp', [g.op('Neg', [x])])]), 0.5),
)

/** 2t / (1 − t²) with t = tanh(x/2) where |x| < 1, which keeps small x exact; else (e^x − e^−x) / 2. */
export const Sinh = formula((g, x) => {
  const t = g.op('Tanh', [times(g, x, 0.5)])
  const near = g.op('Div', [times(g, t, 2), g.op('Sub', [f32(g, 1), g.op('Mul', [t, t])])])
  const far = times(g, g.op('Sub', [g.op('Exp', [x]), g.op('Exp', [g.op('Neg', [x])])]), 0.5)
  return g.op('Where', [g.op('Less', [g.op('Abs', [x]), f32(g, 1)]), near, far])
})

/** e^x − 1 = 2t / (1 − t) with t = tanh(x/2) where |x| < 1, which keeps small x exact. */
export const Expm1 = formula((g, x) => {
  const t = g.op('Tanh', [times(g, x, 0.5)])
  const near = g.op('Div', [times(g, t, 2), g.op('Sub', [f32(g, 1), t])])
  return g.op('Where', [g.op('Less', [g.op('Abs', [x]), f32(g, 1)]), near, plus(g, g.op('Exp', [x]), -1)])
})

/** ±log(1 + a + a·m / (1 + √(1 + m²))) with a = |x| and m = min(a, 10⁹), whose square is finite. */
export const Asinh = formula((g, x) => {
  const a = g.op('Abs', [x])
  const m = g.op('Min', [a, f32(g, 1e9)])
  const ratio = g.op('Div', [m, plus(g, g.op('Sqrt', [plus(g, g.op('Mul', [m, m]), 1)]), 1)])
  return signed(g, x, log1p(g, g.op('Add', [a, g.op('Mul', [a, ratio])])))
})

/** log(1 + t + √t·√(t + 2)) with t = x − 1 */
export const Acosh = formula((g, x) => {
  const t = plus(g, x, -1)
  return log1p(g, g.op('Add', [t, g.op('Mul', [g.op('Sqrt', [t]), g.op('Sqrt', [plus(g, t, 2)])])]))
})

/** ±½·log(1 + 2a / (1 − a)) with a = |x| */
export const Atanh = formula((g, x) => {
  const a = g.op('Abs', [x])
  return signed(g, x, times(g, log1p(g, g.op('Div', [times(g, a, 2), g.op('Sub', [f32(g, 1), a])])), 0.5))
})

/** The angle of the point (b, a): atan(a / b), turned by ±π where b is negative. */
export const Atan2: Lowering = (g, call) => {
  const [a, b] = ['a', 'b'].map((name) => cast(g, input(call, name), 'float32'))
  const zero = f32(g, 0)
  const below = g.op('Less', [a, zero])
  const turn = g.op('Where', [below, f32(g, -Math.PI), f32(g, Math.PI)])
  const turned = g.op('Add', [
    atan(g, g.op('Div', [a, b])),
    g.op('Where', [g.op('Less', [b, zero]), turn, zero]),
  ])
  const origin = g.op('And', [g.op('Equal', [a, zero]), g.op('Equal', [b, zero])])
  return g.op('Where', [origin, zero, turned])
}

/** y with the sign of x. */
const signed = (g: Builder, x: Value, y: Value): Value =>
  g.op('Where', [g.op('Less', [x, f32(g, 0)]), g.op('Neg', [y]), y])

/**
 * The polynomial of Cephes' atanf (S. Moshier) on [0, tan π/8]; larger arguments are turned by π/4 or π/2 first.
 */
function atan(g: Builder, x: Value): Value {
  const a = g.op('Abs', [x])
  const large = g.op('Greater', [a, f32(g, Math.tan((3 * Math.PI) / 8))])
  const middle = g.op('Greater', [a, f32(g, Math.tan(Math.PI / 8))])
  const choose = (ifLarge: Value, ifMiddle: Value, otherwise: Value) =>
    g.op('Where', [large, ifLarge, g.op('Where', [middle, ifMiddle, otherwise])])
  const turn = choose(f32(g, Math.PI / 2), f32(g, Math.PI / 4), f32(g, 0))
  const r = choose(g.op('Div', [f32(g, -1), a]), g.op('Div', [plus(g, a, -1), plus(g, a, 1)]), a)
  const z = g.op('Mul', [r, r])
  const polynomial = [-1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1].reduce(
    (p, c) => plus(g, g.op('Mul', [p, z]), c),
    f32(g, 8.05374449538e-2),
  )
  const angle = g.op('Add', [g.op('Mul', [g.op('Mul', [polynomial, z]), r]), r])
  return signed(g, x, g.op('Add', [turn, angle]))
}

/**
 * log(1 + x) = log(u)·x / (u − 1) with u = 1 + x rounded, which stays exact for small x (W. Kahan); log(u) where
 * nothing was rounded, x where 1 + x is 1.
 */
function log1p(g: Builder, x: Value): Value {
  const u = plus(g, x, 1)
  const rest = plus(g, u, -1)
  const log = g.op('Log', [u])
  const corrected = g.op('Mul', [log, g.op('Div', [x, rest])])
  const small = g.op('Where', [g.op('Equal', [rest, f32(g, 0)]), x, corrected])
  return g.op('Where', [g.op('Equal', [rest, x]), log, small])
}
