// Finds the symbolic size behind a number that was observed at several recordings: 15, 77, 221 at
// (A, S) = (3, 5), (7, 11), (13, 17) is A*S. The simplest expression that fits every recording wins;
// the graph's own shape inference checks it afterwards, and onnxruntime at sizes that were not recorded.

import { type Column, limitedSize, quotientSize, remainderSize } from './express-rounded.ts'
import { add, evaluate, floorDivide, isPolynomial, multiply, type Size, type Sizes, symbol } from './sizes.ts'

const MAX_DEGREE = 4
const SMALL = [1, -1, 2, -2, 3, -3, 4, -4]
/** More symbols are not divided by each other. */
const MOST_DIVIDED = 6

/** Expresses observed numbers over the symbols of a set of recordings. */
export interface Expressions {
  /** The size that is observed[r] in recording r, or undefined when none of the known forms fits. */
  readonly find: (observed: readonly number[]) => Size | undefined
  /** Sizes found so far that hold a quotient or a limit. */
  readonly rounded: readonly Size[]
  /** The symbols and their products. */
  readonly columns: readonly Column[]
}

/** @param recordings the value of every symbol at each recording, at least two of them. */
export function expressions(recordings: readonly Sizes[]): Expressions {
  const names = Object.keys(recordings[0])
  const observe = (size: Size): Column => ({ size, at: recordings.map((r) => evaluate(size, r)) })
  const columns = monomials(names).map(observe)
  const plain = columns.slice(0, names.length)
  const alone = squaresTimes(names).map(observe)
  const quotients = names.length <= MOST_DIVIDED ? ratios(names).map(observe) : []
  const known = new Map<string, Size | undefined>()
  const rounded: Size[] = []
  /** What was rounded before, and its products: the elements of an image after a stride. */
  let seen: Column[] = []

  function search(observed: readonly number[]): Size | undefined {
    return (
      multiple(observed, [...columns, ...alone]) ??
      affine(observed, columns) ??
      twoTerms(observed, columns) ??
      multiple(observed, seen) ??
      affine(observed, [...seen, ...quotients]) ??
      linear(observed, plain) ??
      quotientSize(observed, columns) ??
      remainderSize(observed, plain) ??
      fitting(
        observed,
        limitedSize(
          observed,
          plain,
          (some) => multiple(some.observed, some.columns) ?? affine(some.observed, some.columns),
        ),
      ) ??
      twoTerms(observed, [...columns, ...seen])
    )
  }

  /** A size that was found from some of the recordings, if it is right at all of them. */
  function fitting(observed: readonly number[], size: Size | undefined): Size | undefined {
    return size !== undefined && observe(size).at.every((v, r) => v === observed[r]) ? size : undefined
  }

  function learn(size: Size): void {
    rounded.push(size)
    const own = observe(size)
    const products = [...columns, ...seen].map(({ size: other }) => observe(multiply(size, other)))
    seen = [...seen, own, ...products]
  }

  return {
    rounded,
    columns,
    find(observed) {
      if (observed.every((v) => v === observed[0])) return observed[0]
      const key = observed.join()
      if (!known.has(key)) {
        const size = search(observed)
        known.set(key, size)
        if (size !== undefined && !isPolynomial(size) && seen.length < MOST_SEEN) learn(size)
      }
      return known.get(key)
    },
  }
}

/** Products of more sizes are not looked for. */
const MOST_SEEN = 2000

/** c·column, in the order of the columns. */
function multiple(observed: readonly number[], columns: readonly Column[]): Size | undefined {
  for (const { size, at } of columns) {
    const c = observed[0] / at[0]
    if (Number.isInteger(c) && observed.every((v, r) => v === c * at[r])) return multiply(size, c)
  }
  return undefined
}

/** a·column + b. Two recordings fix a and b, the others confirm. */
function affine(observed: readonly number[], columns: readonly Column[]): Size | undefined {
  if (observed.length < 3) return undefined
  for (const { size, at } of columns) {
    const other = at.findIndex((value) => value !== at[0])
    if (other < 0) continue
    const a = (observed[other] - observed[0]) / (at[other] - at[0])
    const b = observed[0] - a * at[0]
    if (Number.isInteger(a) && observed.every((v, r) => v === a * at[r] + b)) return add(multiply(size, a), b)
  }
  return undefined
}

/** a·m + b·n with small a, b: concatenations of two dynamic axes. */
function twoTerms(observed: readonly number[], columns: readonly Column[]): Size | undefined {
  for (const a of SMALL) {
    for (const { size: m, at: first } of columns) {
      const rest = multiple(
        observed.map((v, r) => v - a * first[r]),
        columns,
      )
      if (rest !== undefined) return add(multiply(m, a), rest)
    }
  }
  return undefined
}

/** Σ a·symbol + b of any number of symbols: concatenations. The recordings fix a and b, and those that are left confirm. */
function linear(observed: readonly number[], columns: readonly Column[]): Size | undefined {
  const unknowns = columns.length + 1
  if (columns.length < FEWEST_SUMMED || observed.length <= unknowns) return undefined
  const rows = observed.map((v, r) => [...columns.map(({ at }) => at[r]), 1, v])
  for (let pivot = 0; pivot < unknowns; pivot++) {
    const best = rows.reduce(
      (most, row, r) => (r >= pivot && Math.abs(row[pivot]) > Math.abs(rows[most][pivot]) ? r : most),
      pivot,
    )
    ;[rows[pivot], rows[best]] = [rows[best], rows[pivot]]
    const head = rows[pivot]
    // Symbols that the recordings do not tell apart.
    if (Math.abs(head[pivot]) < SINGULAR) return undefined
    for (const row of rows) {
      if (row === head) continue
      const factor = row[pivot] / head[pivot]
      for (let k = pivot; k <= unknowns; k++) row[k] -= factor * head[k]
    }
  }
  const solved = rows.slice(0, unknowns).map((row, k) => Math.round(row[unknowns] / row[k]))
  const [terms, constant] = [solved.slice(0, -1), solved[unknowns - 1]]
  const fits = observed.every(
    (v, r) => v === terms.reduce((sum, a, k) => sum + a * columns[k].at[r], constant),
  )
  return fits
    ? columns.reduce<Size>((sum, { size }, k) => add(sum, multiply(size, terms[k])), constant)
    : undefined
}

/** Sums of fewer are found elsewhere. */
const FEWEST_SUMMED = 3
const SINGULAR = 1e-6

/** All products of at most MAX_DEGREE symbols, lowest degree first; a square only of one symbol. */
function monomials(names: readonly string[]): Size[] {
  let level = names.map((name, i) => ({ size: symbol(name), next: i + 1 }))
  const all = level.map(({ size }) => size)
  for (let degree = 2; degree <= MAX_DEGREE; degree++) {
    level = level.flatMap(({ size, next }) =>
      names.slice(next).map((name, i) => ({ size: multiply(size, symbol(name)), next: next + i + 1 })),
    )
    all.push(...level.map(({ size }) => size))
  }
  all.push(...names.map((name) => multiply(symbol(name), symbol(name))))
  return all
}

/** A square times one or two other symbols: what is flattened that has an axis twice. */
function squaresTimes(names: readonly string[]): Size[] {
  const others = (name: string) => {
    const rest = names.filter((other) => other !== name)
    const pairs = rest.flatMap((a, i) => rest.slice(i + 1).map((b) => multiply(symbol(a), symbol(b))))
    return [...rest.map(symbol), ...pairs]
  }
  return names.flatMap((name) =>
    others(name).map((other) => multiply(multiply(symbol(name), symbol(name)), other)),
  )
}

/** ⌊N/M⌋ and ⌈N/M⌉ of every two symbols. */
function ratios(names: readonly string[]): Size[] {
  return names.flatMap((n) =>
    names
      .filter((m) => m !== n)
      .flatMap((m) => [
        floorDivide(symbol(n), symbol(m)),
        floorDivide(add(add(symbol(n), symbol(m)), -1), symbol(m)),
      ]),
  )
}
