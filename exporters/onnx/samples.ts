// The sizes and the values that a function is recorded at. The symbols take distinct primes, none of them twice over
// the recordings of one symbol, so that a number seen in a shape has one factorisation into symbols.

import { ExportError } from '../../src/errors.ts'
import { random } from '../../src/math/random/xoshiro.ts'
import type { InputSpec } from './options.ts'
import { type Shape, type Sizes, symbol } from './sizes.ts'

const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47]
const RECORDINGS = 3
const FEWEST = 8
const DRAWS = 300
const ENOUGH = 20_000
const SYMBOL = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/

/** The shape of an input, with its symbol names as sizes. @throws ExportError for a size that is neither. */
export function shapeOf(name: string, spec: InputSpec): Shape {
  return spec.shape.map((size) => {
    if (typeof size === 'number' && Number.isInteger(size) && size >= 0) return size
    if (typeof size === 'string' && SYMBOL.test(size)) return symbol(size)
    throw new ExportError(
      `input "${name}": size ${JSON.stringify(size)} is neither a whole number nor a symbol name such as "A"`,
    )
  })
}

/** The value of every symbol at each recording; a single recording when nothing is symbolic. */
export function recordingSizes(symbols: readonly string[], given?: readonly Sizes[]): Sizes[] {
  if (given) return given.map((sizes) => checked(sizes, symbols))
  if (symbols.length === 0) return [{}]
  const pool = PRIMES.slice(0, Math.max(FEWEST, symbols.length + RECORDINGS))
  if (pool.length < symbols.length + RECORDINGS) {
    throw new ExportError(
      `${symbols.length} symbolic sizes are too many to tell apart; at most ${PRIMES.length - RECORDINGS}`,
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

/** Recording costs about the product of its sizes. */
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

/** The values that an input is recorded with. @throws ExportError when `sample` gives another number of them. */
export function sampleValues(
  name: string,
  spec: InputSpec,
  dims: readonly number[],
  sizes: Sizes,
): Float32Array | Int32Array | Uint8Array {
  const length = dims.reduce((a, b) => a * b, 1)
  const values = spec.sample?.(dims, sizes)
  if (values && values.length !== length) {
    throw new ExportError(`input "${name}": sample() gave ${values.length} values for shape [${dims}]`)
  }
  if (spec.dtype === 'int32') return values ? Int32Array.from(values) : new Int32Array(length)
  if (spec.dtype === 'bool') return values ? Uint8Array.from(values, Number) : new Uint8Array(length)
  if (values) return Float32Array.from(values)
  const { between } = random(length)
  return Float32Array.from({ length }, () => between(-1, 1))
}
