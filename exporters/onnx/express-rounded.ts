// The forms of sizes that are no polynomials: a quotient rounded down, e·⌊(p·N + b)/c⌋ + d, which is what strides, halves
// and ceilings come to, and the smaller or larger of two sizes.

import { add, floorDivide, format, maximum, minimum, multiply, type Size } from './sizes.ts'

/** A size and its values at the recordings. */
export interface Column {
  readonly size: Size
  readonly at: readonly number[]
}

/** Divisors that are looked for: five strides of two, and what else a program divides by. */
const LARGEST_DIVISOR = 100
/** Images are filled up to a multiple of such. */
const LARGEST_REMAINDER = 256
/** Fewer different values could be many a quotient. */
const FEWEST_VALUES = 4

/** e·⌊(p·m + b)/c⌋ + d, of the smallest c. */
export function quotientSize(observed: readonly number[], columns: readonly Column[]): Size | undefined {
  if (new Set(observed).size < FEWEST_VALUES) return undefined
  for (const column of [...columns, ...sums(columns)]) {
    const found = quotientOf(observed, column)
    if (found !== undefined) return found
  }
  return undefined
}

/** What is missing to a multiple, or beyond one: e·⌊(m + b)/c⌋ + d ∓ m. @param columns the symbols */
export function remainderSize(observed: readonly number[], columns: readonly Column[]): Size | undefined {
  if (new Set(observed).size < FEWEST_VALUES) return undefined
  for (const { size, at } of columns) {
    for (const sign of [1, -1]) {
      const whole = observed.map((v, r) => v + sign * at[r])
      for (let c = 2; c <= LARGEST_REMAINDER; c++) {
        const steps = quotientBy(c, [sign * c], whole, { size, at })
        if (steps !== undefined) return add(steps, multiply(size, -sign))
      }
    }
  }
  return undefined
}

function quotientOf(observed: readonly number[], { size, at }: Column): Size | undefined {
  const [low, high] = extremes(at)
  const slope = (observed[high] - observed[low]) / (at[high] - at[low])
  // Rounding changes both ends by less than one step.
  for (let c = 2; c <= LARGEST_DIVISOR; c++) {
    const near = Math.round(slope * c)
    for (const product of [near, near - 1, near + 1]) {
      const far = Math.abs(slope * c - product) * (at[high] - at[low]) > 2 * Math.abs(product) * c
      const found =
        product === 0 || far ? undefined : quotientBy(c, divisors(product), observed, { size, at }, product)
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** Of this c, one of these e, and p = product/e, by default 1. */
function quotientBy(
  c: number,
  factors: readonly number[],
  observed: readonly number[],
  { size, at }: Column,
  product?: number,
): Size | undefined {
  for (const e of factors) {
    const p = product === undefined ? 1 : product / e
    for (let b = 0; b < c; b++) {
      const d = observed[0] - e * Math.floor((p * at[0] + b) / c)
      if (observed.every((v, r) => v === e * Math.floor((p * at[r] + b) / c) + d)) {
        return add(multiply(floorDivide(add(multiply(size, p), b), c), e), d)
      }
    }
  }
  return undefined
}

function extremes(at: readonly number[]): readonly [number, number] {
  return [at.indexOf(Math.min(...at)), at.indexOf(Math.max(...at))]
}

/** Those of both signs whose quotient is positive, 1 first. */
function divisors(product: number): number[] {
  const whole = Math.abs(product)
  return Array.from({ length: whole }, (_, i) => i + 1)
    .filter((e) => whole % e === 0)
    .map((e) => e * Math.sign(product))
}

/** Every two symbols together: (N + M)/2. */
function sums(columns: readonly Column[]): Column[] {
  const plain = columns.filter(({ size }) => !/[*]/.test(format(size)))
  return plain.flatMap((a, i) =>
    plain.slice(i + 1).map((b) => ({ size: add(a.size, b.size), at: a.at.map((v, r) => v + b.at[r]) })),
  )
}

/** Some of the recordings. */
interface Part {
  readonly observed: readonly number[]
  readonly columns: readonly Column[]
}

/**
 * min(p, k) or max(p, k) of a size p and a number k, or of two symbols.
 * @param solve finds p where it is not limited
 */
export function limitedSize(
  observed: readonly number[],
  columns: readonly Column[],
  solve: (part: Part) => Size | undefined,
): Size | undefined {
  const limits = [
    [Math.max(...observed), minimum, Math.min],
    [Math.min(...observed), maximum, Math.max],
  ] as const
  for (const [limit, combine, of] of limits) {
    // A small limit lets few of the recordings through: min(N, 3), max(0, 3 - N).
    const some = observed.findIndex((v) => v !== limit)
    for (const { size, at } of some < 0 ? [] : columns) {
      for (const sign of [1, -1]) {
        const c = observed[some] - sign * at[some]
        if (observed.every((v, r) => v === of(sign * at[r] + c, limit))) {
          return combine(add(multiply(size, sign), c), limit)
        }
      }
    }
  }
  for (const [limit, combine] of limits) {
    const open = [...observed.keys()].filter((r) => observed[r] !== limit)
    if (open.length < 2 || open.length === observed.length) continue
    const p = solve({
      observed: open.map((r) => observed[r]),
      columns: columns.map(({ size, at }) => ({ size, at: open.map((r) => at[r]) })),
    })
    if (p !== undefined) return combine(p, limit)
  }
  const [low, high] = [Math.min(...observed), Math.max(...observed)]
  const between = observed.findIndex((v) => v !== low && v !== high)
  for (const { size, at } of between < 0 ? [] : columns) {
    const c = observed[between] - at[between]
    if (observed.every((v, r) => v === Math.min(Math.max(at[r] + c, low), high))) {
      return minimum(maximum(add(size, c), low), high)
    }
  }
  for (const [i, a] of columns.entries()) {
    for (const b of columns.slice(i + 1)) {
      if (observed.every((v, r) => v === Math.min(a.at[r], b.at[r]))) return minimum(a.size, b.size)
      if (observed.every((v, r) => v === Math.max(a.at[r], b.at[r]))) return maximum(a.size, b.size)
    }
  }
  return undefined
}
