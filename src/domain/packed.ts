// Numbers in a JSON text: float16 and whole numbers of 8 bits, as base64 of their little-endian bytes.

import { fromBase64, toBase64 } from '../math/base64.ts'
import { fromFloat16, toFloat16 } from '../math/fewer-bits.ts'

/** To as many digits as mean something. */
export function short(x: number): number {
  return Number(x.toPrecision(5))
}

export function packedFloat16(values: Float32Array): string {
  const bits = toFloat16(values)
  const bytes = new Uint8Array(2 * bits.length)
  const view = new DataView(bytes.buffer)
  for (const [n, word] of bits.entries()) view.setUint16(2 * n, word, true)
  return toBase64(bytes)
}

export function packedInt8(values: Int8Array): string {
  return toBase64(new Uint8Array(values.buffer, values.byteOffset, values.length))
}

/** Undefined unless there are `count` finite numbers. */
export function unpackedFloat16(text: string, count: number): Float32Array | undefined {
  const bytes = bytesOf(text, 2 * count)
  if (!bytes) return undefined
  const view = new DataView(bytes.buffer)
  const bits = new Uint16Array(count)
  for (let n = 0; n < count; n++) bits[n] = view.getUint16(2 * n, true)
  const values = fromFloat16(bits)
  return values.every(Number.isFinite) ? values : undefined
}

/** Undefined unless there are `count` numbers. */
export function unpackedInt8(text: string, count: number): Int8Array | undefined {
  const bytes = bytesOf(text, count)
  return bytes && new Int8Array(bytes.buffer)
}

function bytesOf(text: string, count: number): Uint8Array<ArrayBuffer> | undefined {
  const bytes = fromBase64(text)
  return bytes?.length === count ? bytes : undefined
}
