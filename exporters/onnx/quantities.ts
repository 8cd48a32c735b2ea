// Numbers that follow from sizes: x.shape[0] as a number, 1/T, √d, log T. Found from what was observed at the
// recordings, and written into the graph as a tensor of one element.

import { cast, reshape } from './build.ts'
import type { Builder } from './builder.ts'
import type { Expressions } from './express.ts'
import { add, evaluate, type Size, type Sizes } from './sizes.ts'
import type { DType, Value } from './values.ts'

/** factor·f(of) */
export interface Scaled {
  readonly factor: number
  readonly f: keyof typeof FUNCTIONS
  readonly of: Size
}

export type Quantity = Size | Scaled

/** Where float32 rounds, two results of one formula differ by less than this, relatively. */
const ROUNDING = 5e-7

const FUNCTIONS = {
  itself: (x: number) => x,
  reciprocal: (x: number) => 1 / x,
  root: Math.sqrt,
  reciprocalRoot: (x: number) => 1 / Math.sqrt(x),
  square: (x: number) => x * x,
  log: Math.log,
  log2: Math.log2,
} as const

const isScaled = (quantity: Quantity): quantity is Scaled =>
  typeof quantity === 'object' && 'factor' in quantity

/** The quantity that is observed[r] at recording r, or undefined when no known form fits. */
export function quantityOf(observed: readonly number[], find: Expressions): Quantity | undefined {
  if (observed.every((v) => Object.is(v, observed[0]))) return observed[0]
  const size = observed.every(Number.isSafeInteger) ? find.find(observed) : undefined
  if (size !== undefined) return size
  for (const { size: of, at } of find.columns) {
    for (const shift of [0, -1, 1]) {
      for (const [f, apply] of Object.entries(FUNCTIONS)) {
        const factor = factorOf(
          observed,
          at.map((v) => apply(v + shift)),
        )
        if (factor !== undefined) return { factor, f: f as Scaled['f'], of: add(of, shift) }
      }
    }
  }
  return undefined
}

/** c where observed = c·values but for rounding. */
function factorOf(observed: readonly number[], values: readonly number[]): number | undefined {
  // The largest value has the most digits.
  const best = values.reduce((most, v, r) => (Math.abs(v) > Math.abs(values[most]) ? r : most), 0)
  const c = observed[best] / values[best]
  const fits = observed.every((v, r) => Math.abs(v - c * values[r]) <= ROUNDING * Math.abs(v))
  return fits && Number.isFinite(c) && c !== 0 ? rounded(c) : undefined
}

/** A factor that is a whole number, or one part of such, but for rounding. */
function rounded(c: number): number {
  for (const exact of [Math.round(c), 1 / Math.round(1 / c)]) {
    if (Math.abs(exact - c) <= ROUNDING * Math.abs(c)) return exact
  }
  return c
}

/** Its value at these sizes. */
export function quantityAt(quantity: Quantity, sizes: Sizes): number {
  if (!isScaled(quantity)) return evaluate(quantity, sizes)
  return quantity.factor * FUNCTIONS[quantity.f](evaluate(quantity.of, sizes))
}

/** As a tensor of rank 0. */
export function quantityValue(g: Builder, quantity: Quantity, dtype: DType): Value {
  if (typeof quantity === 'number') return g.scalar(quantity, dtype)
  if (!isScaled(quantity)) return reshape(g, cast(g, g.sizes([quantity]), dtype), [])
  const x = quantityValue(g, quantity.of, 'float32')
  const value = g.op('Mul', [functionOf(g, quantity.f, x), g.scalar(quantity.factor, 'float32')])
  return cast(g, value, dtype)
}

function functionOf(g: Builder, f: Scaled['f'], x: Value): Value {
  switch (f) {
    case 'itself':
      return x
    case 'reciprocal':
      return g.op('Reciprocal', [x])
    case 'root':
      return g.op('Sqrt', [x])
    case 'reciprocalRoot':
      return g.op('Reciprocal', [g.op('Sqrt', [x])])
    case 'square':
      return g.op('Mul', [x, x])
    case 'log':
      return g.op('Log', [x])
    case 'log2':
      return g.op('Mul', [g.op('Log', [x]), g.scalar(Math.LOG2E, 'float32')])
  }
}
