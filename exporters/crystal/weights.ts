// The published weights inside an exported file. The graph holds most of them already, some transposed: a table says
// which initializer is which parameter, and the few that the exporter folded into others are kept beside it. So a file
// can be checked against float64 and tfjs, or trained further, without the weights it was made from.

import { z } from 'zod'
import type { Weights, WeightTensor } from '../../models/safetensors.ts'
import { readMetadata } from '../../runtimes/metadata.ts'
import { ModelFileError } from '../../src/errors.ts'
import { fromFloat16, type Packing, packInt8, toFloat16, unpackInt8 } from '../onnx/pack.ts'
import { readConstants } from './constants.ts'

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
      /** or its little-endian values, base64 */
      data: z.string().optional(),
      /** how they are written: float32, float16, or in int8 the scale of each row and then whole numbers */
      packing: z.enum(['float16', 'int8']).optional(),
    }),
  )
  .max(10_000)

type Entry = z.output<typeof schema>[number]

/**
 * Says where each parameter lies in `model`, as the JSON to be stored under WEIGHTS_KEY.
 * @param packing of the parameters that lie nowhere and fit it
 */
export function locateWeights(model: Uint8Array, weights: Weights, packing?: Packing): string {
  const bySize = new Map<number, { name: string; data: Float32Array }[]>()
  for (const [name, data] of readConstants(model)) {
    bySize.set(data.length, [...(bySize.get(data.length) ?? []), { name, data }])
  }
  const entries = [...weights].map(([name, weight]): Entry => {
    const { shape } = weight
    for (const axes of permutations(shape)) {
      const permuted = permute(weight, axes)
      const found = bySize.get(permuted.length)?.find(({ data }) => sameBits(data, permuted))
      if (found) return { name, shape: [...shape], initializer: found.name, axes }
    }
    return { name, shape: [...shape], ...written(weight, packing) }
  })
  return JSON.stringify(entries)
}

/** The weights that a file was made from, bit by bit. @throws ModelFileError when it does not say. */
export function storedWeights(model: Uint8Array, file = 'model'): Map<string, WeightTensor> {
  const { metadata } = readMetadata(model, file)
  const json = metadata.get(WEIGHTS_KEY)
  if (json === undefined) {
    throw new ModelFileError(`${file}: holds no table of its weights; export it again with this version`)
  }
  const constants = readConstants(model, file)
  return new Map(
    parseTable(json, file).map((entry) => {
      const { name, shape, axes = [] } = entry
      const size = shape.reduce((a, b) => a * b, 1)
      const stored = entry.initializer === undefined ? undefined : constants.get(entry.initializer)
      const flat = stored ?? read(entry, size)
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

/** The values of a parameter as text, packed where that changes none of them. */
function written({ shape, data }: WeightTensor, packing?: Packing): Pick<Entry, 'data' | 'packing'> {
  if (packing === 'float16') {
    const bits = toFloat16(data)
    if (sameBits(fromFloat16(bits), data)) return { packing, data: base64(bits) }
  }
  const columns = { group: shape.at(-1) ?? 1, inner: 1 }
  const scaled = packing === 'int8' && columns.group > 1 ? packInt8(data, columns) : undefined
  return scaled ? { packing, data: base64(scaled.scales, scaled.numbers) } : { data: base64(data) }
}

function read({ data = '', packing, shape }: Entry, size: number): Float32Array {
  const bytes = new Uint8Array(Buffer.from(data, 'base64'))
  const part = (start: number, end: number) => bytes.buffer.slice(start, Math.min(end, bytes.length))
  if (packing === 'float16') return fromFloat16(new Uint16Array(part(0, bytes.length - (bytes.length % 2))))
  if (packing === undefined) return new Float32Array(part(0, bytes.length - (bytes.length % 4)))
  const columns = { group: shape.at(-1) ?? 1, inner: 1 }
  const rows = 4 * Math.floor(size / columns.group)
  if (bytes.length !== rows + size) return new Float32Array(0)
  const scaled = { scales: new Float32Array(part(0, rows)), numbers: new Int8Array(part(rows, bytes.length)) }
  return unpackInt8(scaled, columns)
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
}

function base64(...parts: ArrayBufferView[]): string {
  return Buffer.concat(parts.map(bytesOf)).toString('base64')
}
