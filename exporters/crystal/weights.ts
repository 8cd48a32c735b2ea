// The published weights inside an exported file. The graph holds most of them already, some transposed: a table says
// which initializer is which parameter, and the few that the exporter folded into others are kept beside it. So a file
// can be checked against float64 and tfjs, or trained further, without the weights it was made from.

import { z } from 'zod'
import type { Weights, WeightTensor } from '../../models/safetensors.ts'
import { initializerData, readMetadata } from '../../runtimes/metadata.ts'
import { ModelFileError } from '../../src/errors.ts'

export const WEIGHTS_KEY = 'crystal-onnx.weights'

const MAX_RANK = 4

const schema = z
  .array(
    z.strictObject({
      name: z.string(),
      shape: z
        .array(
          z
            .number()
            .int()
            .min(0)
            .max(2 ** 24),
        )
        .max(MAX_RANK),
      /** the initializer that holds it, and the axes of the parameter in the order in which it lies there */
      initializer: z.string().optional(),
      axes: z.array(z.number().int().min(0).max(MAX_RANK)).max(MAX_RANK).optional(),
      /** or its little-endian float32 values, base64 */
      data: z.string().optional(),
    }),
  )
  .max(10_000)

type Entry = z.output<typeof schema>[number]

/** Says where each parameter lies in `model`, as the JSON to be stored under WEIGHTS_KEY. */
export function locateWeights(model: Uint8Array, weights: Weights): string {
  const bySize = new Map<number, { name: string; data: Float32Array }[]>()
  for (const initializer of readMetadata(model).initializers) {
    if (initializer.type !== 1 || initializer.raw === undefined) continue
    const data = initializerData(model, initializer)
    const same = bySize.get(data.length) ?? []
    bySize.set(data.length, [...same, { name: initializer.name, data }])
  }
  const entries = [...weights].map(([name, weight]): Entry => {
    const { shape } = weight
    for (const axes of permutations(shape)) {
      const permuted = permute(weight, axes)
      const found = bySize.get(permuted.length)?.find(({ data }) => sameBits(data, permuted))
      if (found) return { name, shape: [...shape], initializer: found.name, axes }
    }
    return { name, shape: [...shape], data: base64(weight.data) }
  })
  return JSON.stringify(entries)
}

/** The weights that a file was made from, bit by bit. @throws ModelFileError when it does not say. */
export function storedWeights(model: Uint8Array, file = 'model'): Map<string, WeightTensor> {
  const { metadata, initializers } = readMetadata(model, file)
  const json = metadata.get(WEIGHTS_KEY)
  if (json === undefined) {
    throw new ModelFileError(`${file}: holds no table of its weights; export it again with this version`)
  }
  const byName = new Map(initializers.map((initializer) => [initializer.name, initializer]))
  return new Map(
    parseTable(json, file).map((entry) => {
      const { name, shape, axes = [] } = entry
      const size = shape.reduce((a, b) => a * b, 1)
      const stored = entry.initializer === undefined ? undefined : byName.get(entry.initializer)
      const flat = stored ? initializerData(model, stored, file) : fromBase64(entry.data ?? '')
      const whole = String([...axes].sort()) === String(shape.map((_, n) => n))
      if (flat.length !== size || (stored && !whole)) {
        throw new ModelFileError(
          `${file}: parameter "${name}" of shape [${shape}] is not where the file says it is`,
        )
      }
      return [name, { shape, data: stored ? unpermute(flat, shape, axes) : flat }]
    }),
  )
}

function parseTable(json: string, file: string): Entry[] {
  try {
    return schema.parse(JSON.parse(json))
  } catch (cause) {
    throw new ModelFileError(`${file}: its table of weights is damaged; export the model again`, { cause })
  }
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

/** The values with axes in the order `axes`: result axis k is axis axes[k] of the weight. */
function permute({ shape, data }: WeightTensor, axes: readonly number[]): Float32Array {
  return data.map((_, n) => data[sourceIndex(n, shape, axes)])
}

function unpermute(flat: Float32Array, shape: readonly number[], axes: readonly number[]): Float32Array {
  const data = new Float32Array(flat.length)
  for (let n = 0; n < flat.length; n++) data[sourceIndex(n, shape, axes)] = flat[n]
  return data
}

/** Index in the weight of element n of the permuted tensor. */
function sourceIndex(n: number, shape: readonly number[], axes: readonly number[]): number {
  let index = 0
  for (let k = axes.length - 1; k >= 0; k--) {
    const axis = axes[k]
    let stride = 1
    for (let m = axis + 1; m < shape.length; m++) stride *= shape[m]
    index += (n % shape[axis]) * stride
    n = Math.floor(n / shape[axis])
  }
  return index
}

/** Equal bit by bit: −0 is not 0. */
function sameBits(a: Float32Array, b: Float32Array): boolean {
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0
}

function bytesOf(data: Float32Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

function base64(data: Float32Array): string {
  return bytesOf(data).toString('base64')
}

function fromBase64(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  return new Float32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + Math.floor(bytes.length / 4) * 4),
  )
}
