// 32-bit hashes of texts under a seed: orders and splits that depend on names alone. Not for anything secret.

/**
 * FNV-1a over the UTF-16 units of a text, then an avalanche step, so that ids that differ in the last digit only still
 * spread over the whole range.
 */
export function hashText(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ scramble(seed >>> 0)) >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return scramble(hash)
}

/** Items in an order that is drawn by `seed` from their keys alone, whatever order they came in. */
export function orderedByHash<T>(items: readonly T[], keyOf: (item: T) => string, seed: number): T[] {
  return items
    .map((item) => ({ item, key: keyOf(item), hash: hashText(keyOf(item), seed) }))
    .sort((a, b) => a.hash - b.hash || (a.key < b.key ? -1 : 1))
    .map(({ item }) => item)
}

/** A bijection of 32-bit integers in which every input bit reaches every output bit (the finaliser of MurmurHash3). */
export function scramble(word: number): number {
  let x = word | 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}
