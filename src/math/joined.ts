// Arrays that come in parts.

/** All parts as one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return joinedAs<Uint8Array<ArrayBuffer>>(Uint8Array, parts)
}

/** The same for other numbers. */
export function joinedAs<All extends Uint8Array | Int32Array | Float32Array>(
  Type: new (length: number) => All,
  parts: readonly ArrayLike<number>[],
): All {
  const all = new Type(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
