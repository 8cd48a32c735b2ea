// What the inputs of an exported function are: shapes with symbols as sizes, and legal values to try it with.

import { ExportError } from '../../src/errors.ts'
import { random } from '../../src/math/random/xoshiro.ts'
import type { InputSpec } from './options.ts'
import { type Shape, type Sizes, symbol } from './sizes.ts'

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

/**
 * Values for an input: its own sample, or numbers within ±1 for float32 and zeros for others.
 * @param draw other numbers for another draw
 * @throws ExportError when `sample` gives another number of them.
 */
export function sampleValues(
  name: string,
  spec: InputSpec,
  dims: readonly number[],
  sizes: Sizes,
  draw: number,
): Float32Array | Int32Array | Uint8Array {
  const length = dims.reduce((a, b) => a * b, 1)
  const values = spec.sample?.(dims, sizes)
  if (values && values.length !== length) {
    throw new ExportError(`input "${name}": sample() gave ${values.length} values for shape [${dims}]`)
  }
  if (spec.dtype === 'int32') return values ? Int32Array.from(values) : new Int32Array(length)
  if (spec.dtype === 'bool') return values ? Uint8Array.from(values, Number) : new Uint8Array(length)
  if (values) return Float32Array.from(values)
  const { between } = random(length + draw)
  return Float32Array.from({ length }, () => between(-1, 1))
}
