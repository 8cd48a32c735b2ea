// Where the published weights lie inside an exported file. The graph holds most of them already, some transposed: a table
// says which initializer is which parameter, and the few that the exporter folded into others are kept beside it. Read
// again by runtimes/stored-weights.ts.

import type { Weights, WeightTensor } from '../../models/safetensors.ts'
import { readConstants } from '../../runtimes/constants.ts'
import type { StoredWeight } from '../../runtimes/stored-weights.ts'
import { toBase64 } from '../../src/math/base64.ts'
import { fromFloat16, type Packing, packInt8, toFloat16 } from '../../src/math/fewer-bits.ts'
import { joined } from '../../src/math/joined.ts'
import { permuteAxes } from '../../src/math/permute.ts'

/**
 * Says where each parameter lies in `model`, as the JSON to be stored under WEIGHTS_KEY.
 * @param packing of the parameters that lie nowhere and fit it
 */
export function locateWeights(model: Uint8Array, weights: Weights, packing?: Packing): string {
  const bySize = new Map<number, { name: string; data: Float32Array }[]>()
  for (const [name, data] of readConstants(model)) {
    bySize.set(data.length, [...(bySize.get(data.length) ?? []), { name, data }])
  }
  const entries = [...weights].map(([name, weight]): StoredWeight => {
    const { shape } = weight
    for (const axes of permutations(shape)) {
      const permuted = permuteAxes(weight.data, shape, axes)
      const found = bySize.get(permuted.length)?.find(({ data }) => sameBits(data, permuted))
      if (found) return { name, shape: [...shape], initializer: found.name, axes }
    }
    return { name, shape: [...shape], ...written(weight, packing) }
  })
  return JSON.stringify(entries)
}

/** Orders of the axes; those of length 1 stay in place, since moving them changes nothing. */
function permutations(shape: readonly number[]): number[][] {
  const identity = shape.map((_, n) => n)
  const long = identity.filter((n) => shape[n] > 1)
  const orders = (rest: number[]): number[][] =>
    rest.length === 0
      ? [[]]
      : rest.flatMap((n) => orders(rest.filter((m) => m !== n)).map((tail) => [n, ...tail]))
  return orders(long).map((order) => {
    let next = 0
    return identity.map((n) => (shape[n] > 1 ? order[next++] : n))
  })
}

/** Equal bit by bit: −0 is not 0. */
function sameBits(a: Float32Array, b: Float32Array): boolean {
  const [left, right] = [a, b].map(
    ({ buffer, byteOffset, length }) => new Int32Array(buffer, byteOffset, length),
  )
  for (let n = 0; n < left.length; n++) if (left[n] !== right[n]) return false
  return left.length === right.length
}

/** The values of a parameter as text, packed where that changes none of them. */
function written({ shape, data }: WeightTensor, packing?: Packing): Pick<StoredWeight, 'data' | 'packing'> {
  if (packing === 'float16') {
    const bits = toFloat16(data)
    if (sameBits(fromFloat16(bits), data)) return { packing, data: base64(bits) }
  }
  const columns = { group: shape.at(-1) ?? 1, inner: 1 }
  const scaled = packing === 'int8' && columns.group > 1 ? packInt8(data, columns) : undefined
  return scaled ? { packing, data: base64(scaled.scales, scaled.numbers) } : { data: base64(data) }
}

function base64(...parts: ArrayBufferView[]): string {
  return toBase64(
    joined(parts.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))),
  )
}
