// The published weights inside an exported file, from the table that says where they lie (exporters/crystal/weights.ts). So
// a file can be checked against float64 and tfjs, run by another engine than onnxruntime, or trained further, without the
// weights it was made from.

import * as z from 'zod/mini'
import type { WeightTensor } from '../models/safetensors.ts'
import { ModelFileError } from '../src/errors.ts'
import { fromBase64 } from '../src/math/base64.ts'
import { fromFloat16, unpackInt8 } from '../src/math/fewer-bits.ts'
import { inverseOrder, permuteAxes } from '../src/math/permute.ts'
import { whole } from './card-geometry.ts'
import { readConstants } from './constants.ts'
import { readMetadata } from './metadata.ts'

/** Under which the table stands in `metadata_props`. */
export const WEIGHTS_KEY = 'crystal-onnx.weights'

const MAX_RANK = 4

const rank = z.maxLength(MAX_RANK)

const schema = z
  .array(
    z.strictObject({
      name: z.string(),
      shape: z.array(whole(0, 2 ** 24)).check(rank),
      /** the initializer that holds it, and the axes of the parameter in the order in which it lies there */
      initializer: z.optional(z.string()),
      axes: z.optional(z.array(whole(0, MAX_RANK)).check(rank)),
      /** or its little-endian values, base64 */
      data: z.optional(z.string()),
      /** how they are written: float32, float16, or in int8 the scale of each row and then whole numbers */
      packing: z.optional(z.enum(['float16', 'int8'])),
    }),
  )
  .check(z.maxLength(10_000))

/** Where one parameter lies. */
export type StoredWeight = z.output<typeof schema>[number]

/** The weights that a file was made from, bit by bit. @throws ModelFileError when it does not say. */
export function storedWeights(model: Uint8Array, file = 'model'): Map<string, WeightTensor> {
  const parsed = readMetadata(model, file)
  const json = parsed.metadata.get(WEIGHTS_KEY)
  if (json === undefined) {
    throw new ModelFileError(`${file}: holds no table of its weights; export it again with this version`)
  }
  const constants = readConstants(model, file, parsed)
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
      return [name, { shape, data: stored ? inPlace(flat, shape, axes) : flat }]
    }),
  )
}

function parseTable(json: string, file: string): StoredWeight[] {
  try {
    return schema.parse(JSON.parse(json))
  } catch (cause) {
    throw new ModelFileError(`${file}: its table of weights is damaged; export the model again`, { cause })
  }
}

/** @param axes of the parameter, in the order in which they lie in `flat` */
function inPlace(flat: Float32Array, shape: readonly number[], axes: readonly number[]): Float32Array {
  return permuteAxes(
    flat,
    axes.map((axis) => shape[axis]),
    inverseOrder(axes),
  )
}

function read({ data = '', packing, shape }: StoredWeight, size: number): Float32Array {
  const bytes = fromBase64(data) ?? new Uint8Array(0)
  const part = (start: number, end: number) => bytes.buffer.slice(start, Math.min(end, bytes.length))
  if (packing === 'float16') return fromFloat16(new Uint16Array(part(0, bytes.length - (bytes.length % 2))))
  if (packing === undefined) return new Float32Array(part(0, bytes.length - (bytes.length % 4)))
  const columns = { group: shape.at(-1) ?? 1, inner: 1 }
  const rows = 4 * Math.floor(size / columns.group)
  if (bytes.length !== rows + size) return new Float32Array(0)
  const scaled = { scales: new Float32Array(part(0, rows)), numbers: new Int8Array(part(rows, bytes.length)) }
  return unpackInt8(scaled, columns)
}
