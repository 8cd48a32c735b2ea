// What a file is beside one of structures, told by its name or how it begins: a table, or packed. What reads those is loaded
// for them.

export function isTable(name: string, content: string | Uint8Array): boolean {
  return (
    /\.[ct]sv$/i.test(name) ||
    (typeof content === 'string' && /^[^\n{[]*,\s*"?cif"?\s*(?:,|\n)/.test(content))
  )
}

const begins = (bytes: Uint8Array, ...start: number[]) => start.every((byte, n) => bytes[n] === byte)
export const isGzip = (bytes: Uint8Array) => begins(bytes, 0x1f, 0x8b)
export const isZip = (bytes: Uint8Array) => begins(bytes, 0x50, 0x4b, 3, 4)
export const isPacked = (bytes: Uint8Array) => isGzip(bytes) || isZip(bytes)
