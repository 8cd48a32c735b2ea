// Compares weights bit by bit; vitest's own comparison of typed arrays takes seconds.

import type { Weights } from '../../models/safetensors.ts'

/** Names of the tensors that are not the same in both, in shape and every bit. */
export function differing(a: Weights, b: Weights): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => {
    const [one, other] = [a.get(name), b.get(name)]
    return (
      !one ||
      !other ||
      String(one.shape) !== String(other.shape) ||
      !bytesOf(one.data).equals(bytesOf(other.data))
    )
  })
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
