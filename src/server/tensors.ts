// Tensors of the Open Inference Protocol: their types and shapes, as JSON and as the bytes of the binary extension, which
// gRPC's raw contents are, too. Counts are compared with what is there before anything is allocated for them.

import { RequestError } from '../errors.ts'

/** Numbers by type: what one takes in bytes, and its typed array. */
const NUMBERS = {
  BOOL: { bytes: 1, Array: Uint8Array },
  UINT8: { bytes: 1, Array: Uint8Array },
  INT8: { bytes: 1, Array: Int8Array },
  UINT16: { bytes: 2, Array: Uint16Array },
  INT16: { bytes: 2, Array: Int16Array },
  UINT32: { bytes: 4, Array: Uint32Array },
  INT32: { bytes: 4, Array: Int32Array },
  INT64: { bytes: 8, Array: BigInt64Array },
  UINT64: { bytes: 8, Array: BigUint64Array },
  FP32: { bytes: 4, Array: Float32Array },
  FP64: { bytes: 8, Array: Float64Array },
} as const

export type NumberType = keyof typeof NUMBERS
export type Datatype = NumberType | 'BYTES'

/** A tensor of numbers or of texts, row by row. Whole numbers of 64 bits are as JavaScript has them. */
export type Tensor = { readonly name: string; readonly shape: readonly number[] } & (
  | { readonly datatype: NumberType; readonly data: ArrayLike<number> }
  | { readonly datatype: 'BYTES'; readonly data: readonly Uint8Array[] }
)

/** Header of HTTP with the length of the JSON, where binary tensors follow it. */
export const JSON_LENGTH = 'inference-header-content-length'

/** What a request says of a tensor besides its data. */
export interface TensorHead {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
}

const MOST_DIMENSIONS = 8
/** Elements of one tensor: more fit into no body that is accepted. */
const MOST_ELEMENTS = 2 ** 28
/** Of names and types in messages. */
const SHOWN = 60

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The head of a tensor from JSON or protobuf. @throws RequestError */
export function tensorHead(name: unknown, datatype: unknown, shape: unknown): TensorHead {
  if (typeof name !== 'string' || name === '') throw new RequestError('a tensor without a name')
  const of = `tensor ${shown(name)}`
  if (datatype !== 'BYTES' && !Object.hasOwn(NUMBERS, String(datatype))) {
    const known = [...Object.keys(NUMBERS), 'BYTES'].join(', ')
    throw new RequestError(`${of}: datatype ${shown(datatype)}, expected one of ${known}`)
  }
  if (!Array.isArray(shape) || shape.length === 0 || shape.length > MOST_DIMENSIONS) {
    throw new RequestError(`${of}: a shape of 1 to ${MOST_DIMENSIONS} whole numbers is expected`)
  }
  const sizes = shape.map(Number)
  const wrong = sizes.findIndex((size) => !Number.isSafeInteger(size) || size < 0)
  if (wrong >= 0)
    throw new RequestError(`${of}: ${shown(shape[wrong])} in its shape, expected a whole number`)
  const count = sizes.reduce((product, size) => product * size, 1)
  if (!(count <= MOST_ELEMENTS)) throw new RequestError(`${of}: a shape of ${count} elements is too large`)
  return { name, datatype: datatype as Datatype, shape: sizes }
}

export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** A tensor from the bytes of the binary extension. @throws RequestError when they are not as many as the head says */
export function tensorOfBytes(head: TensorHead, bytes: Uint8Array): Tensor {
  const { name, datatype, shape } = head
  const count = elementsOf(shape)
  if (datatype === 'BYTES') return { name, shape, datatype, data: textsOf(head, bytes, count) }
  const { bytes: each, Array: Numbers } = NUMBERS[datatype]
  if (bytes.length !== count * each) {
    throw new RequestError(
      `tensor ${shown(name)}: ${bytes.length} bytes, expected ${count * each} for ${datatype} [${shape}]`,
    )
  }
  // In memory of its own: views of numbers have to begin at a multiple of their size. (`slice` of a Buffer copies nothing.)
  const data = new Numbers(new Uint8Array(bytes).buffer)
  return { name, shape, datatype, data: isBig(data) ? Array.from(data, Number) : data }
}

function isBig(
  data: ArrayLike<number> | BigInt64Array | BigUint64Array,
): data is BigInt64Array | BigUint64Array {
  return data instanceof BigInt64Array || data instanceof BigUint64Array
}

/** Each text has its length before it, four bytes. */
function textsOf({ name, shape }: TensorHead, bytes: Uint8Array, count: number): Uint8Array[] {
  const of = `tensor ${shown(name)}`
  if (4 * count > bytes.length) {
    throw new RequestError(`${of}: ${bytes.length} bytes, too few for BYTES [${shape}]`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const texts: Uint8Array[] = []
  let at = 0
  for (let n = 0; n < count; n++) {
    const length = at + 4 <= bytes.length ? view.getUint32(at, true) : Number.POSITIVE_INFINITY
    if (at + 4 + length > bytes.length) throw new RequestError(`${of}: element ${n} is cut off`)
    texts.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  if (at !== bytes.length) throw new RequestError(`${of}: ${bytes.length - at} bytes too many for [${shape}]`)
  return texts
}

/** A tensor from the `data` of JSON or the typed contents of gRPC, flat or nested as its shape. @throws RequestError */
export function tensorOfValues(head: TensorHead, values: unknown): Tensor {
  const { name, datatype, shape } = head
  const of = `tensor ${shown(name)}`
  const count = elementsOf(shape)
  const flat = flattened(values, shape.length, of)
  if (flat.length !== count) {
    throw new RequestError(`${of}: ${flat.length} elements of data, expected ${count} for [${shape}]`)
  }
  if (datatype === 'BYTES') return { name, shape, datatype, data: flat.map((value) => bytesOf(value, of)) }
  return { name, shape, datatype, data: flat.map((value) => numberOf(value, of)) }
}

/** @param depth of lists in lists, at most */
function flattened(values: unknown, depth: number, of: string): readonly unknown[] {
  if (!Array.isArray(values)) throw new RequestError(`${of}: data is a list, or binary data with its size`)
  if (!values.some(Array.isArray)) return values
  if (depth <= 1) throw new RequestError(`${of}: lists deeper than its shape`)
  return values.flatMap((value) => flattened(value, depth - 1, of))
}

function bytesOf(value: unknown, of: string): Uint8Array {
  if (typeof value === 'string') return encoder.encode(value)
  if (value instanceof Uint8Array) return value
  throw new RequestError(`${of}: ${shown(value)} is no text`)
}

function numberOf(value: unknown, of: string): number {
  // protobuf has 64 bits as text.
  const number = typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? Number(value) : value
  if (typeof number === 'boolean') return Number(number)
  if (typeof number !== 'number') throw new RequestError(`${of}: ${shown(value)} is no number`)
  return number
}

/** The bytes of the binary extension. */
export function bytesOfTensor({ datatype, data }: Tensor): Uint8Array {
  if (datatype !== 'BYTES') {
    const { Array: Numbers } = NUMBERS[datatype]
    const made = data instanceof Numbers ? data : numbersOf(Numbers, data)
    return new Uint8Array(made.buffer as ArrayBuffer, made.byteOffset, made.byteLength)
  }
  const all = new Uint8Array(data.reduce((sum, { length }) => sum + 4 + length, 0))
  const view = new DataView(all.buffer)
  let at = 0
  for (const text of data) {
    view.setUint32(at, text.length, true)
    all.set(text, at + 4)
    at += 4 + text.length
  }
  return all
}

function numbersOf(Numbers: (typeof NUMBERS)[NumberType]['Array'], data: ArrayLike<number>) {
  if (Numbers === BigInt64Array || Numbers === BigUint64Array) return Numbers.from(Array.from(data, BigInt))
  return (Numbers as typeof Float64Array).from(data)
}

/** `data` of JSON, flat. What is not a number is null. */
export function valuesOf({ datatype, data }: Tensor): readonly unknown[] {
  if (datatype === 'BYTES') return data.map((text) => decoder.decode(text))
  return datatype === 'BOOL' ? Array.from(data, (value) => value !== 0) : Array.from(data)
}

/** Something of a request in a message. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value)
  return typeof value === 'object' && value !== null ? 'an object' : String(value).slice(0, SHOWN)
}
