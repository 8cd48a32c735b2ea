// Constants that follow from sizes, recognised by their numbers: one value everywhere (tf.fill), one that counts along an
// axis (tf.range, tf.linspace), one that depends on the side of the diagonal (tf.eye, causal masks), and a few numbers
// each of which is a quantity. Each is made by the graph when it runs.

import { cast, expand, positions, reshape } from './build.ts'
import type { Builder } from './builder.ts'
import type { Expressions } from './express.ts'
import { type Quantity, quantityOf, quantityValue } from './quantities.ts'
import type { Shape } from './sizes.ts'
import type { Snapshot } from './tape.ts'
import type { TensorType, Value } from './values.ts'

export type Pattern =
  | { readonly kind: 'uniform'; readonly value: Quantity }
  | { readonly kind: 'listed'; readonly values: readonly Quantity[] }
  | { readonly kind: 'counted'; readonly axis: number; readonly start: Quantity; readonly step: Quantity }
  /** Left of the diagonal of the last two axes, on it, and right of it. */
  | { readonly kind: 'sided'; readonly values: readonly [Quantity, Quantity, Quantity] }

/** More numbers are not looked at one by one. */
const MOST_LISTED = 64
/** Of a count in float32, relative to its largest number. */
const ROUNDING = 1e-6

/** The pattern of a constant that differs between the recordings, or undefined for none of these. */
export function patternOf(seen: readonly Snapshot[], shape: Shape, find: Expressions): Pattern | undefined {
  return uniform(seen, find) ?? listed(seen, shape, find) ?? counted(seen, find) ?? sided(seen, find)
}

function uniform(seen: readonly Snapshot[], find: Expressions): Pattern | undefined {
  if (!seen.every(({ data }) => data.length > 0 && data.every((v) => Object.is(v, data[0])))) return undefined
  const value = quantityOf(
    seen.map(({ data }) => data[0]),
    find,
  )
  return value === undefined ? undefined : { kind: 'uniform', value }
}

function listed(seen: readonly Snapshot[], shape: Shape, find: Expressions): Pattern | undefined {
  const { length } = seen[0].data
  if (length > MOST_LISTED || !shape.every((size) => typeof size === 'number')) return undefined
  const values: Quantity[] = []
  for (let i = 0; i < length; i++) {
    const value = quantityOf(
      seen.map(({ data }) => data[i]),
      find,
    )
    if (value === undefined) return undefined
    values.push(value)
  }
  return { kind: 'listed', values }
}

function counted(seen: readonly Snapshot[], find: Expressions): Pattern | undefined {
  for (const axis of seen[0].shape.keys()) {
    const counts = seen.map((snapshot) => countOf(snapshot, axis))
    // An axis of one element says nothing of the step.
    if (!counts.every((count) => count !== undefined) || counts.some(({ size }) => size < 2)) continue
    const start = quantityOf(
      counts.map((count) => count.start),
      find,
    )
    const step = quantityOf(
      counts.map((count) => count.step),
      find,
    )
    if (start !== undefined && step !== undefined) return { kind: 'counted', axis, start, step }
  }
  return undefined
}

/** Start and step of numbers that count along one axis and are the same along the others. */
function countOf({ shape, data }: Snapshot, axis: number) {
  const size = shape[axis]
  const inner = shape.slice(axis + 1).reduce((product, n) => product * n, 1)
  const start = data[0]
  const last = data[(size - 1) * inner]
  const step = size > 1 ? (last - start) / (size - 1) : 0
  const allowed = data instanceof Float32Array ? ROUNDING * Math.max(Math.abs(start), Math.abs(last)) : 0
  for (let n = 0; n < data.length; n++) {
    const place = Math.floor(n / inner) % size
    if (!(Math.abs(data[n] - start - step * place) <= allowed)) return undefined
  }
  return { size, start, step }
}

function sided(seen: readonly Snapshot[], find: Expressions): Pattern | undefined {
  const sides = seen.map(sidesOf)
  if (!sides.every((values) => values !== undefined)) return undefined
  const values = [0, 1, 2].map((side) =>
    quantityOf(
      sides.map((at) => at[side]),
      find,
    ),
  )
  const [left, on, right] = values
  if (left === undefined || on === undefined || right === undefined) return undefined
  return { kind: 'sided', values: [left, on, right] }
}

function sidesOf({ shape, data }: Snapshot): readonly number[] | undefined {
  const [rows, columns] = shape.slice(-2)
  if (shape.length < 2 || rows < 2 || columns < 2) return undefined
  const values = [data[columns], data[0], data[1]]
  for (let n = 0; n < data.length; n++) {
    const [row, column] = [Math.floor(n / columns) % rows, n % columns]
    if (!Object.is(data[n], values[Math.sign(column - row) + 1])) return undefined
  }
  return values
}

/** The tensor, made by the graph. */
export function patternValue(g: Builder, pattern: Pattern, { dtype, shape }: TensorType): Value {
  if (pattern.kind === 'uniform') return expand(g, quantityValue(g, pattern.value, dtype), shape)
  if (pattern.kind === 'listed') {
    const values = pattern.values.map((value) => reshape(g, quantityValue(g, value, dtype), [1]))
    return reshape(g, values.length === 1 ? values[0] : g.op('Concat', values, { axis: 0 }), shape)
  }
  // Whole numbers up to 2^24 are exact in float32, which every provider has.
  if (pattern.kind === 'counted') {
    const { axis, start, step } = pattern
    const steps = g.op('Mul', [positions(g, shape, axis), quantityValue(g, step, 'float32')])
    const numbers = g.op('Add', [steps, quantityValue(g, start, 'float32')])
    return expand(g, cast(g, numbers, dtype), shape)
  }
  const [rows, columns] = [shape.length - 2, shape.length - 1].map((axis) => positions(g, shape, axis))
  const [left, on, right] = pattern.values.map((value) => quantityValue(g, value, dtype))
  const other = on === right ? right : g.op('Where', [g.op('Equal', [columns, rows]), on, right])
  const value =
    on === left
      ? g.op('Where', [g.op('Greater', [columns, rows]), right, left])
      : g.op('Where', [g.op('Less', [columns, rows]), left, other])
  return expand(g, value, shape)
}
