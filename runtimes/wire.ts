// Reads the protobuf wire format one message at a time: tags, lengths, numbers, strings. Knows no schema and
// decodes nothing that it was not asked for, so that the weights of a model file are skipped, not copied.

import { ModelFileError } from '../src/errors.ts'

/** A stretch of the file: bytes [start, end). */
export interface Span {
  readonly start: number
  readonly end: number
}

/** One field of a message. `span` is set for length-delimited fields, `value` for varints. */
export interface Field {
  readonly number: number
  readonly span?: Span
  readonly value?: number
  /** all of it, with what says which field it is */
  readonly whole: Span
}

const VARINT = 0
const FIXED64 = 1
const LENGTH = 2
const FIXED32 = 5

/** The bytes of a file, and the name that its errors carry. */
export interface Source {
  readonly bytes: Uint8Array
  readonly file: string
}

/**
 * The fields of the message in `span`, in file order.
 * @throws ModelFileError at the first byte that is no protobuf, or where a field runs past the end of `span`.
 */
export function* fields(source: Source, span: Span): Generator<Field> {
  let at = span.start
  while (at < span.end) {
    const start = at
    const tag = varint(source, at, span)
    const number = Math.floor(tag.value / 8)
    const type = tag.value % 8
    if (number === 0 || number > 0x1fffffff) throw notOnnx(source, at)
    at = tag.next
    if (type === VARINT) {
      const { value, next } = varint(source, at, span)
      at = next
      yield { number, value, whole: { start, end: at } }
    } else if (type === LENGTH) {
      const { value, next } = varint(source, at, span)
      if (value < 0 || value > span.end - next) throw tooShort(source, span, next, value)
      at = next + value
      yield { number, span: { start: next, end: at }, whole: { start, end: at } }
    } else if (type === FIXED64 || type === FIXED32) {
      const size = type === FIXED64 ? 8 : 4
      if (size > span.end - at) throw tooShort(source, span, at, size)
      at += size
      yield { number, whole: { start, end: at } }
    } else {
      throw notOnnx(source, at)
    }
  }
}

/** The varints of a packed repeated field, at most `limit` of them. */
export function packedVarints(source: Source, span: Span, limit: number): number[] {
  if (span.end - span.start > 10 * limit) throw notOnnx(source, span.start)
  const values: number[] = []
  for (let at = span.start; at < span.end; ) {
    const { value, next } = varint(source, at, span)
    values.push(value)
    at = next
  }
  return values
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The UTF-8 string in `span`, at most `limit` bytes. `what` names it in an error. */
export function text(source: Source, span: Span, what: string, limit = 4096): string {
  const size = span.end - span.start
  if (size > limit) {
    throw new ModelFileError(`${source.file}: ${what} is ${size} bytes long, expected at most ${limit}`)
  }
  try {
    return utf8.decode(source.bytes.subarray(span.start, span.end))
  } catch (cause) {
    throw new ModelFileError(`${source.file}: ${what} at byte ${span.start} is not UTF-8 text`, { cause })
  }
}

/** A varint as a number: exact up to 2⁵³, the low 64 bits as a signed number beyond (negative int64 only). */
function varint(source: Source, start: number, span: Span): { value: number; next: number } {
  let value = 0
  let scale = 1
  for (let at = start; at < span.end; at++) {
    const byte = source.bytes[at]
    value += (byte & 0x7f) * scale
    if (byte < 0x80) {
      const signed = value >= 2 ** 63 ? value - 2 ** 64 : value
      return { value: signed, next: at + 1 }
    }
    scale *= 128
    if (at - start === 9) throw notOnnx(source, start)
  }
  throw tooShort(source, span, start, span.end - start + 1)
}

function tooShort(source: Source, span: Span, at: number, needs: number): ModelFileError {
  const size = source.bytes.length
  return new ModelFileError(
    span.end === size
      ? `${source.file}: truncated at byte ${size}: the field at byte ${at} needs ${needs} bytes; export the model ` +
          'again or check the download'
      : `${source.file}: damaged: the field at byte ${at} needs ${needs} bytes but its message ends at byte ` +
          `${span.end}; export the model again or check the download`,
  )
}

function notOnnx(source: Source, at: number): ModelFileError {
  return new ModelFileError(
    `${source.file}: not an ONNX file: no protobuf field at byte ${at}; expected a model written by crystal-onnx export`,
  )
}
