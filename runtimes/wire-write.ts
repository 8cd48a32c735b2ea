// Writes the protobuf wire format, field by field; wire.ts reads it.

import { joined } from '../src/math/joined.ts'

const VARINT = 0
const LENGTH = 2

/** A field with a message, a string or bytes in it. */
export function lengthField(number: number, content: Uint8Array): Uint8Array {
  return joined([lengthHeader(number, content.length), content])
}

/** What stands before the content of such a field. */
export function lengthHeader(number: number, length: number): Uint8Array {
  return joined([varint(number * 8 + LENGTH), varint(length)])
}

/** A field with a whole number in it. */
export function varintField(number: number, value: number): Uint8Array {
  return joined([varint(number * 8 + VARINT), varint(value)])
}

export function utf8(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 0x80)
  return Uint8Array.from([...bytes, rest])
}
