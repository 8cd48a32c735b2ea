// The sizes that a function is recorded at. The symbols take distinct primes, none of them twice over the first recordings
// of one symbol, so that a number seen in a shape has one factorisation into symbols; then sizes far from those. A
// recording computes nothing that depends on inputs, so that large sizes cost no more than small ones.

import { ExportError } from '../../src/errors.ts'
import { random } from '../../src/math/random/xoshiro.ts'
import { evaluate, type Factor, type Size, type Sizes, symbols, termsOf } from './sizes.ts'

/** Small first: where the function needs larger ones, images of a network with strides for instance, the next. */
const PRIMES = [
  [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47],
  [53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113],
  [211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283],
]
export const LEVELS = PRIMES.length
/** Others, some far from those: what a program does differently below or beyond some size shows at one of them. */
const OTHERS = [2, 3, 4, 6, 9, 64, 131, 1021]
/** Every remainder is recorded from the largest of the sizes before this one on. */
const FAR = 131
/** With more symbols than these, only some of them. */
const FEW_SYMBOLS = 3
const FEWER_FAR = [67, 1021]
/** Sizes of all symbols at once, one of them now the least, then the greatest: their minima and quotients. */
const MIXED = [
  [97, 58, 34],
  [34, 97, 58],
  [58, 34, 97],
]
/** A divisor of which not every remainder can be recorded. */
const MOST_REMAINDERS = 128
const RECORDINGS = 3
const FEWEST = 8
const DRAWS = 300
const ENOUGH = 20_000

/** The value of every symbol at each recording; a single recording when nothing is symbolic. */
export function recordingSizes(symbols: readonly string[], given?: readonly Sizes[], level = 0): Sizes[] {
  if (given) return given.map((sizes) => checked(sizes, symbols))
  if (symbols.length === 0) return [{}]
  const primes = PRIMES[level]
  const pool = primes.slice(0, Math.max(FEWEST, symbols.length + RECORDINGS))
  if (pool.length < symbols.length + RECORDINGS) {
    throw new ExportError(
      `${symbols.length} symbolic sizes are too many to tell apart; at most ${primes.length - RECORDINGS}`,
    )
  }
  const { shuffle } = random(1)
  const draws = Array.from({ length: DRAWS }, () =>
    Array.from({ length: RECORDINGS }, () => shuffle([...pool]).slice(0, symbols.length)),
  ).filter(independent)
  // Unlike sizes show more of what a function does with them; too large ones take too long.
  const chosen = draws.find((rows) => work(rows) < ENOUGH) ?? draws.sort((a, b) => work(a) - work(b))[0]
  return chosen.map((row) => Object.fromEntries(symbols.map((name, i) => [name, row[i]])))
}

/** One symbol at a time far away, the others as in the first recording; a few symbols also all at once. */
export function farSizes(symbols: readonly string[], [first]: readonly Sizes[]): Sizes[] {
  const few = symbols.length <= FEW_SYMBOLS
  const alone = symbols.flatMap((name, i) =>
    (few ? OTHERS : FEWER_FAR).map((size) => ({ ...first, [name]: size < FAR ? size : size + 2 * i })),
  )
  if (!few || symbols.length < 2) return alone
  const mixed = MIXED.map((row) => Object.fromEntries(symbols.map((name, i) => [name, row[i]])))
  return [...alone, ...mixed]
}

/** What values tell may be nothing: sizes of inputs are not. */
export const fewSizes = (counts: readonly string[], [first]: readonly Sizes[]): Sizes[] =>
  counts.map((name) => ({ ...first, [name]: 0 }))

/**
 * Sizes that tell whether rounded and limited sizes are what they were taken for: every remainder of a divisor, and both
 * sides of a limit.
 */
export function sweepSizes(rounded: readonly Size[], recordings: readonly Sizes[]): Sizes[] {
  const at = new Map<string, Sizes>()
  const base = recordings[0]
  const include = (name: string, value: number) => {
    if (value >= 1) at.set(`${name} ${value}`, { ...base, [name]: value })
  }
  for (const factor of rounded.flatMap(roundedFactors)) {
    for (const name of symbols(factor.of)) {
      const start = Math.max(...recordings.map((sizes) => sizes[name]).filter((value) => value < FAR))
      if (factor.kind === 'floor') {
        const by = evaluate(factor.by, base)
        const count = Math.min(by, MOST_REMAINDERS)
        const from = typeof factor.by === 'number' ? start : (Math.ceil(start / by) + 1) * by - 2
        for (let n = 1; n <= count; n++) include(name, from + n)
      } else {
        const slope =
          evaluate(factor.of, { ...base, [name]: start + 1 }) -
          evaluate(factor.of, { ...base, [name]: start })
        const edge =
          slope === 0 ? start : Math.round(start - evaluate(factor.of, { ...base, [name]: start }) / slope)
        for (const n of [-1, 0, 1]) include(name, edge + n)
      }
    }
  }
  return [...at.values()]
}

/** The quotients and limits in a size, those inside others too. */
const roundedFactors = (size: Size): Exclude<Factor, string>[] =>
  termsOf(size).flatMap(({ factors }) =>
    factors.flatMap((factor) => (typeof factor === 'string' ? [] : [factor, ...roundedFactors(factor.of)])),
  )

/** Draws are compared by the product of their sizes. */
const work = (rows: readonly (readonly number[])[]) =>
  rows.reduce((total, row) => total + row.reduce((product, size) => product * size, 1), 0)

/** No symbol repeats a value, and no two differ by a constant or a constant factor: A = S + 2 would mislead. */
function independent(rows: readonly (readonly number[])[]): boolean {
  const columns = rows[0].map((_, i) => rows.map((row) => row[i]))
  const constant = (values: readonly number[]) => values.every((v) => v === values[0])
  return columns.every(
    (a, i) =>
      new Set(a).size === a.length &&
      columns
        .slice(0, i)
        .every((b) => [1, 2, 3, -1, -2].every((c) => !constant(a.map((v, r) => v - c * b[r])))),
  )
}

function checked(sizes: Sizes, symbols: readonly string[]): Sizes {
  for (const name of symbols) {
    if (!Number.isInteger(sizes[name]) || sizes[name] < 1) {
      throw new ExportError(`option sizes: "${name}" must be a positive whole number, found ${sizes[name]}`)
    }
  }
  return sizes
}
