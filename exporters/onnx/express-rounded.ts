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

function quotientOf(observed: readonly number[], { size, at }: Column): Size | undefined {
  const [low, high] = extremes(at)
  const slope = (observed[high] - observed[low]) / (at[high] - at[low])
  // Rounding changes both ends by less than one step.
  for (let c = 2; c <= LARGEST_DIVISOR; c++) {
    const product = Math.round(slope * c)
    if (product === 0 || Math.abs(slope * c - product) * (at[high] - at[low]) > 2 * Math.abs(product) * c)
      continue
    for (const e of divisors(product)) {
      const p = product / e
      for (let b = 0; b < c; b++) {
        const d = observed[0] - e * Math.floor((p * at[0] + b) / c)
        if (observed.every((v, r) => v === e * Math.floor((p * at[r] + b) / c) + d)) {
          return add(multiply(floorDivide(add(multiply(size, p), b), c), e), d)
        }
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
  for (const [limit, combine, of] of [
    [Math.max(...observed), minimum, Math.min],
    [Math.min(...observed), maximum, Math.max],
  ] as const) {
    // A small limit lets few of the recordings through: min(N, 3).
    const own = columns.find(({ at }) => observed.every((v, r) => v === of(at[r], limit)))
    if (own) return combine(own.size, limit)
    const open = [...observed.keys()].filter((r) => observed[r] !== limit)
    if (open.length < 2 || open.length === observed.length) continue
    const p = solve({
      observed: open.map((r) => observed[r]),
      columns: columns.map(({ size, at }) => ({ size, at: open.map((r) => at[r]) })),
    })
    if (p !== undefined) return combine(p, limit)
  }
  for (const [i, a] of columns.entries()) {
    for (const b of columns.slice(i + 1)) {
      if (observed.every((v, r) => v === Math.min(a.at[r], b.at[r]))) return minimum(a.size, b.size)
      if (observed.every((v, r) => v === Math.max(a.at[r], b.at[r]))) return maximum(a.size, b.size)
    }
  }
  return undefined
}
