// Finds the symbolic size behind a number that was observed at several recordings: 15, 77, 221 at
// (A, S) = (3, 5), (7, 11), (13, 17) is A*S. The simplest expression that fits every recording wins;
// the graph's own shape inference checks it afterwards.

import { add, evaluate, multiply, type Size, type Sizes, symbol } from './sizes.ts'

const MAX_DEGREE = 4
const SMALL = [1, -1, 2, -2, 3, -3, 4, -4]

/** Expresses observed numbers over the symbols of a set of recordings. */
export interface Expressions {
  /** The size that is observed[r] in recording r, or undefined when none of the known forms fits. */
  readonly find: (observed: readonly number[]) => Size | undefined
}

/** @param recordings the value of every symbol at each recording, at least two of them. */
export function expressions(recordings: readonly Sizes[]): Expressions {
  const names = Object.keys(recordings[0])
  const observe = (size: Size) => ({ size, at: recordings.map((r) => evaluate(size, r)) })
  const columns = monomials(names).map(observe)
  const alone = squaresTimes(names).map(observe)
  const known = new Map<string, Size | undefined>()

  function search(observed: readonly number[]): Size | undefined {
    return multiple(observed, [...columns, ...alone]) ?? affine(observed) ?? twoTerms(observed)
  }

  /** c·monomial, lowest degree first. */
  function multiple(observed: readonly number[], candidates = columns): Size | undefined {
    for (const { size, at } of candidates) {
      const c = observed[0] / at[0]
      if (Number.isInteger(c) && observed.every((v, r) => v === c * at[r])) return multiply(size, c)
    }
    return undefined
  }

  /** a·monomial + b. Two recordings fix a and b, the others confirm. */
  function affine(observed: readonly number[]): Size | undefined {
    if (observed.length < 3) return undefined
    for (const { size, at } of columns) {
      const a = (observed[1] - observed[0]) / (at[1] - at[0])
      const b = observed[0] - a * at[0]
      if (Number.isInteger(a) && observed.every((v, r) => v === a * at[r] + b)) {
        return add(multiply(size, a), b)
      }
    }
    return undefined
  }

  /** a·m + b·n with small a, b: concatenations of two dynamic axes. */
  function twoTerms(observed: readonly number[]): Size | undefined {
    for (const a of SMALL) {
      for (const { size: m, at: first } of columns) {
        const rest = multiple(observed.map((v, r) => v - a * first[r]))
        if (rest !== undefined) return add(multiply(m, a), rest)
      }
    }
    return undefined
  }

  return {
    find(observed) {
      if (observed.every((v) => v === observed[0])) return observed[0]
      const key = observed.join()
      if (!known.has(key)) known.set(key, search(observed))
      return known.get(key)
    },
  }
}

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
