// Products of all rows of a list with one row, in whole numbers: by WebAssembly, eight at a time, where a host compiles some,
// else here.

import { fromHex } from '../math/hex.ts'
import { MODULE } from './generated/simd.ts'

/** Numbers of a row, with zeros behind those of shorter ones. */
export const ROW = 32
/** A product of 32 numbers of 8 bits with so large ones has 32 bits. */
export const LARGEST = 2 ** 15 - 1

const PAGE = 65_536

/** The products of all rows with one [ROW]; the result is overwritten by the next call. */
export type Products = (row: Int16Array) => Int32Array

interface Kernel {
  readonly memory: WebAssembly.Memory
  free_byte(): number
  products(count: number, rows: number, row: number, products: number): void
}

/** @param rows [count, axes] from −127 to 127, at most ROW axes */
export function productsWith(rows: Int8Array, axes: number): Products {
  const count = rows.length / axes
  const kernel = instantiated()
  if (!kernel) return plainProducts(rows, axes)
  const first = kernel.free_byte()
  const own = first + 2 * ROW * count
  const result = own + 2 * ROW
  const { memory } = kernel
  memory.grow(Math.ceil((result + 4 * count - memory.buffer.byteLength) / PAGE))
  const wide = new Int16Array(memory.buffer, first, ROW * count)
  for (let n = 0; n < count; n++) wide.set(rows.subarray(n * axes, (n + 1) * axes), n * ROW)
  const given = new Int16Array(memory.buffer, own, ROW)
  const products = new Int32Array(memory.buffer, result, count)
  return (row) => {
    given.set(row)
    kernel.products(count, first, own, result)
    return products
  }
}

/** Undefined where a policy forbids it, or WebAssembly is too old. */
function instantiated(): Kernel | undefined {
  try {
    // Small enough for any thread of a browser to compile at once.
    return new WebAssembly.Instance(new WebAssembly.Module(fromHex(MODULE))).exports as unknown as Kernel
  } catch {
    return undefined
  }
}

/** The same without WebAssembly. */
export function plainProducts(rows: Int8Array, axes: number): Products {
  const products = new Int32Array(rows.length / axes)
  return (row) => {
    for (let n = 0; n < products.length; n++) {
      let sum = 0
      for (let k = 0; k < axes; k++) sum += rows[n * axes + k] * row[k]
      products[n] = sum
    }
    return products
  }
}
