// Bytes of hexadecimal digits: compiled code is kept so.

/** @param text an even number of digits, 0 to 9 and a to f */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length / 2)
  for (let n = 0; n < bytes.length; n++) {
    bytes[n] = (digit(text.charCodeAt(2 * n)) << 4) | digit(text.charCodeAt(2 * n + 1))
  }
  return bytes
}

/** Of its character code: 0 is 48, a is 97. */
function digit(code: number): number {
  return code > 96 ? code - 87 : code - 48
}
