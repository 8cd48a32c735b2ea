// Reads and writes safetensors files: an 8-byte length, a JSON header, raw little-endian tensors. Plain typed arrays
// only, no tfjs. The reader trusts nothing: sizes, counts, types, offsets and names are checked before they are used.

import { WeightsError } from '../src/errors.ts'
import { insteadOf } from '../src/instead.ts'

/** One parameter in float32. */
export interface WeightTensor {
  /** sizes of the axes */
  readonly shape: readonly number[]
  /** row by row */
  readonly data: Float32Array
}

/** Tensors under their published names, in file order. */
export type Weights = ReadonlyMap<string, WeightTensor>

/** Longest JSON header that is read, bytes. The largest published model has 11 kB. */
const MAX_HEADER = 16 * 1024 * 1024
const MAX_TENSORS = 100_000
const MAX_RANK = 8
const ALIGNMENT = 8

const BYTES = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8 } as const
type Dtype = keyof typeof BYTES

interface Entry {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

/**
 * Tensors of a safetensors file as float32: F32 as it is, F64 and I64 rounded, F16 and BF16 widened.
 * @throws WeightsError for a file that is truncated, overlapping, of another type, or beyond the bounds above.
 */
export function readSafetensors(
  bytes: Uint8Array,
  file = 'safetensors file',
): {
  /** by name, in file order */
  tensors: Map<string, WeightTensor>
  /** `__metadata__` of the header */
  metadata: Record<string, string>
} {
  const { entries, metadata } = parse(bytes, file)
  const tensors = new Map(entries.map((e) => [e.name, { shape: e.shape, data: float32(e) }]))
  return { tensors, metadata }
}

/**
 * Tensors of a safetensors file as float64, for reference values that float32 would round.
 * @throws WeightsError as readSafetensors.
 */
export function readSafetensors64(
  bytes: Uint8Array,
  file = 'safetensors file',
): {
  tensors: Map<string, { readonly shape: readonly number[]; readonly data: Float64Array }>
  metadata: Record<string, string>
} {
  const { entries, metadata } = parse(bytes, file)
  const tensors = new Map(
    entries.map((e) => [
      e.name,
      {
        shape: e.shape,
        data: e.dtype === 'F64' ? new Float64Array(owned(e.bytes)) : Float64Array.from(float32(e)),
      },
    ]),
  )
  return { tensors, metadata }
}

/** A safetensors file with F32 tensors in the order of `weights`; the same input gives the same bytes. */
export function writeSafetensors(weights: Weights, metadata: Record<string, string> = {}): Uint8Array {
  const fields: [string, unknown][] = []
  if (Object.keys(metadata).length > 0) fields.push(['__metadata__', metadata])
  let end = 0
  for (const [name, { shape, data }] of weights) {
    if (data.length !== elements(shape)) {
      throw new WeightsError(`${name}: ${data.length} numbers for shape [${shape}]`)
    }
    fields.push([name, { dtype: 'F32', shape, data_offsets: [end, (end += data.byteLength)] }])
  }
  const json = `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
  const text = new TextEncoder().encode(json)
  const headerLength = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT
  const bytes = new Uint8Array(8 + headerLength + end)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true)
  bytes.fill(0x20, 8, 8 + headerLength)
  bytes.set(text, 8)
  let offset = 8 + headerLength
  for (const { data } of weights.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset)
    offset += data.byteLength
  }
  return bytes
}

function parse(bytes: Uint8Array, file: string): { entries: Entry[]; metadata: Record<string, string> } {
  const fail = (message: string): never => {
    throw new WeightsError(`${file}: ${message}`)
  }
  if (bytes.length < 8) fail(`${bytes.length} bytes are too few for a safetensors file`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerLength = Number(view.getBigUint64(0, true))
  if (headerLength > MAX_HEADER) {
    const instead = insteadOf(bytes, 'weights')
    if (instead !== undefined) fail(instead)
    fail(`its header claims ${headerLength} bytes, at most ${MAX_HEADER} are read; is it a safetensors file?`)
  }
  if (8 + headerLength > bytes.length) {
    fail(`truncated: the header needs ${8 + headerLength} bytes, the file has ${bytes.length}`)
  }
  const header = parseHeader(bytes.subarray(8, 8 + headerLength), file)
  const body = bytes.subarray(8 + headerLength)

  const metadata: Record<string, string> = Object.create(null)
  const described: { name: string; dtype: Dtype; shape: number[]; begin: number; end: number }[] = []
  const fields = Object.entries(header)
  if (fields.length > MAX_TENSORS) fail(`${fields.length} tensors, at most ${MAX_TENSORS} are read`)
  for (const [name, value] of fields) {
    if (name === '__metadata__') {
      if (!isRecord(value)) fail('__metadata__ is not an object')
      for (const [key, text] of Object.entries(value as object)) {
        if (typeof text !== 'string') fail(`__metadata__ entry "${key}" is not a string`)
        metadata[key] = text
      }
    } else described.push(describe(name, value, file))
  }

  described.sort((a, b) => a.begin - b.begin || a.end - b.end)
  let expected = 0
  for (const { name, begin, end } of described) {
    if (begin !== expected)
      fail(`tensor ${name} starts at byte ${begin}, expected ${expected} (gap or overlap)`)
    if (end > body.length) fail(`truncated: tensor ${name} ends at byte ${end}, the data has ${body.length}`)
    expected = end
  }
  if (expected !== body.length) fail(`${body.length - expected} bytes after the last tensor`)
  const entries = described.map(({ name, dtype, shape, begin, end }) => ({
    name,
    dtype,
    shape,
    bytes: body.subarray(begin, end),
  }))
  return { entries, metadata }
}

function parseHeader(bytes: Uint8Array, file: string): object {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new WeightsError(`${file}: its header is not JSON; is it a safetensors file?`, { cause })
  }
  if (!isRecord(header)) throw new WeightsError(`${file}: its header is not a JSON object`)
  return header
}

function describe(name: string, value: unknown, file: string) {
  const fail = (message: string): never => {
    throw new WeightsError(`${file}: tensor ${name}: ${message}`)
  }
  if (!isRecord(value)) return fail('its header entry is not an object')
  const { dtype, shape, data_offsets: offsets } = value
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES, dtype)) {
    return fail(`type ${JSON.stringify(dtype)} is not one of ${Object.keys(BYTES).join(', ')}`)
  }
  if (!Array.isArray(shape) || shape.length > MAX_RANK || !shape.every(isSize)) {
    return fail(`shape ${JSON.stringify(shape)} is not a list of at most ${MAX_RANK} sizes`)
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    return fail(`data_offsets ${JSON.stringify(offsets)} are not two byte positions`)
  }
  const [begin, end] = offsets as [number, number]
  const needed = elements(shape) * BYTES[dtype as Dtype]
  if (end - begin !== needed)
    return fail(`${end - begin} bytes for shape [${shape}] of ${dtype}, expected ${needed}`)
  return { name, dtype: dtype as Dtype, shape: shape as number[], begin, end }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSize(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/**
 * A copy in memory of its own, so that typed arrays can lie over it whatever the file's alignment.
 * Not `bytes.slice()`: on a Node Buffer that is a view of the whole file.
 */
function owned(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}

function float32({ dtype, bytes }: Entry): Float32Array {
  switch (dtype) {
    case 'F32':
      return new Float32Array(owned(bytes))
    case 'F64':
      return Float32Array.from(new Float64Array(owned(bytes)))
    case 'BF16':
      return new Float32Array(Uint32Array.from(new Uint16Array(owned(bytes)), (half) => half << 16).buffer)
    case 'F16':
      return Float32Array.from(new Uint16Array(owned(bytes)), widenHalf)
    case 'I64':
      return Float32Array.from(new BigInt64Array(owned(bytes)), Number)
  }
}

/** IEEE binary16 to number. */
function widenHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
