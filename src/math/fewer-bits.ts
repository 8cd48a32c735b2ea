// Numbers in fewer bits: float16, and whole numbers of 8 bits with a scale for every column. Rounding to them is one
// thing, and the caller's decision; storing numbers that fit them already is another, and changes nothing.

/** How constants may be stored. */
export type Packing = 'float16' | 'int8'

/** Largest whole number of a scaled column. */
const LARGEST = 127

/** A tensor seen as [outer, group, inner]: the numbers along `group` are one column and share a scale. */
export interface Columns {
  readonly group: number
  readonly inner: number
}

/** Numbers −127 … 127 in the order of the tensor, and the scale of each column, [outer, inner]. */
export interface Scaled {
  readonly numbers: Int8Array
  readonly scales: Float32Array
}

/** Bits of the nearest float16, ties to even; beyond 65504 infinite. */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  return Uint16Array.from(bits, (b) => {
    const sign = (b >>> 16) & 0x8000
    const exponent = ((b >>> 23) & 0xff) - 112
    const fraction = b & 0x7fffff
    if (exponent >= 31) return sign | 0x7c00 | (exponent === 143 && fraction !== 0 ? 0x200 : 0)
    if (exponent < -10) return sign
    // Below the normal range the leading one becomes part of the fraction. A carry out of it moves into the exponent.
    const shift = exponent > 0 ? 13 : 14 - exponent
    const whole = exponent > 0 ? (exponent << 23) | fraction : fraction | 0x800000
    const half = 1 << (shift - 1)
    const rest = whole & (2 * half - 1)
    const kept = whole >>> shift
    return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0))
  })
}

/**
 * The numbers of float16 bits, all of them exact in float32. The bits of exponent and fraction, moved to where float32 has
 * them, are the number times 2⁻¹¹², below the normal range too.
 */
export function fromFloat16(bits: Uint16Array): Float32Array {
  const values = new Float32Array(bits.length)
  const words = new Uint32Array(values.buffer)
  for (let n = 0; n < bits.length; n++) {
    const b = bits[n]
    words[n] = ((b & 0x7fff) << 13) | ((b & 0x8000) << 16)
    if ((b & 0x7c00) === 0x7c00) words[n] |= 0x7f800000
    else values[n] *= 2 ** 112
  }
  return values
}

/** The nearest numbers that a column of whole numbers −127 … 127 times a scale can hold. */
export function roundToInt8(values: Float32Array, columns: Columns): Float32Array {
  const rounded = new Float32Array(values.length)
  forEachColumn(values.length, columns, (members) => {
    const largest = members.reduce((most, n) => Math.max(most, Math.abs(values[n])), 0)
    const scale = shortened(largest / LARGEST)
    // + 0: there is no negative zero among whole numbers.
    for (const n of members) rounded[n] = scale === 0 ? 0 : Math.round(values[n] / scale) * scale + 0
  })
  return rounded
}

/** The numbers as whole numbers and scales, or undefined when that would change one of them. */
export function packInt8(values: Float32Array, columns: Columns): Scaled | undefined {
  const numbers = new Int8Array(values.length)
  const scales: number[] = []
  let exact = true
  forEachColumn(values.length, columns, (members) => {
    const scale = exact ? scaleOf(members.map((n) => values[n])) : undefined
    if (scale === undefined) exact = false
    else {
      scales.push(scale)
      for (const n of members) numbers[n] = Math.round(values[n] / scale)
    }
  })
  return exact ? { numbers, scales: Float32Array.from(scales) } : undefined
}

export function unpackInt8({ numbers, scales }: Scaled, { group, inner }: Columns): Float32Array {
  const values = new Float32Array(numbers.length)
  for (let outer = 0, n = 0; n < values.length; outer++) {
    for (let g = 0; g < group; g++) {
      for (let i = 0; i < inner; i++, n++) values[n] = numbers[n] * scales[outer * inner + i]
    }
  }
  return values
}

/** A scale of which all numbers are whole multiples up to 127. Not every column reaches 127: it may be cut out of one. */
function scaleOf(column: readonly number[]): number | undefined {
  const largest = column.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  if (largest === 0) return column.some((x) => Object.is(x, -0)) ? undefined : 1
  for (let k = LARGEST; k > 0; k--) {
    const scale = Math.fround(largest / k)
    if (column.every((x) => Object.is(Math.fround(Math.round(x / scale) * scale) + 0, x))) return scale
  }
  return undefined
}

/** The next number up of 16 significant bits: a product with a whole number up to 127 is then exact in float32. */
function shortened(scale: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, scale)
  view.setUint32(0, (view.getUint32(0) + 0xff) & ~0xff)
  return view.getFloat32(0)
}

function forEachColumn(size: number, { group, inner }: Columns, visit: (members: number[]) => void): void {
  for (let outer = 0; outer < size; outer += group * inner) {
    for (let i = 0; i < inner; i++) visit(Array.from({ length: group }, (_, g) => outer + g * inner + i))
  }
}
