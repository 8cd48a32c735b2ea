// Model files in two: the graph and the card in the .onnx file, the weights in a file beside it, as ONNX has external data. The
// two are the one file, taken apart: put together again they are the same bytes, so that its seal and its signature
// are of both, and whatever reads model files reads them.

import { ConfigError, ModelFileError } from '../src/errors.ts'
import { joined } from '../src/math/joined.ts'
import type { ModelBytes } from './given.ts'
import { MAX_FILE } from './metadata.ts'
import { type Field, fields, type Source, type Span, text } from './wire.ts'
import { lengthField, lengthHeader, utf8, varintField } from './wire-write.ts'

/** Constants of fewer bytes stay in the .onnx file. */
const SMALLEST = 1024
/** Pages, so that a runtime can map the file. */
const ALIGNMENT = 4096
const MOST_TEXT = 1024

// Of ModelProto, GraphProto, TensorProto and StringStringEntryProto.
const GRAPH = 7
const INITIALIZER = 5
const RAW_DATA = 9
const EXTERNAL_DATA = 13
const DATA_LOCATION = 14
const EXTERNAL = 1
const [KEY, VALUE] = [1, 2]

/** A model in two files. */
export interface ModelApart {
  /** the .onnx file */
  readonly model: Uint8Array
  /** the file beside it */
  readonly data: Uint8Array
}

/** @throws ConfigError for what is no plain file name */
export function checkLocation(location: string): void {
  if (isPlain(location)) return
  throw new ConfigError(`${JSON.stringify(location)} is no plain file name, such as "model.onnx.data"`)
}

const isPlain = (location: string): boolean => /^[^/\\:\0]+$/.test(location) && !/^\.*$/.test(location)

/**
 * A finished model file in two.
 * @param location the name of the file beside it
 * @throws ConfigError for what is no plain file name; ModelFileError for a file that is no model of this toolkit
 */
export function splitModel(bytes: Uint8Array, location: string): ModelApart {
  checkLocation(location)
  const source = { bytes, file: 'model' }
  const data: Uint8Array[] = []
  let length = 0
  const model = rewritten(source, (tensor) => {
    const parts = [...fields(source, tensor)]
    const raw = parts.find(({ number }) => number === RAW_DATA)?.span
    if (!raw || raw.end - raw.start < SMALLEST) return undefined
    const gap = (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT
    const offset = length + gap
    data.push(new Uint8Array(gap), bytes.subarray(raw.start, raw.end))
    length = offset + raw.end - raw.start
    const entries = { location, offset: String(offset), length: String(raw.end - raw.start) }
    return [
      ...parts.filter(({ number }) => number !== RAW_DATA).map((field) => wholeOf(source, field)),
      ...Object.entries(entries).map(([key, value]) =>
        lengthField(EXTERNAL_DATA, joined([lengthField(KEY, utf8(key)), lengthField(VALUE, utf8(value))])),
      ),
      varintField(DATA_LOCATION, EXTERNAL),
    ]
  })
  const apart = { model, data: joined(data) }
  const again = together(model, apart.data, 'model')
  if (again.length === bytes.length && again.every((byte, i) => byte === bytes[i])) return apart
  throw new ModelFileError('model: is not written as this toolkit writes models, and cannot be taken apart')
}

/**
 * The name of the file with the weights, where they are not in the .onnx file itself. Of a file that is no ONNX model nothing is
 * said here.
 * @throws ModelFileError for a name that leads elsewhere, or several of them
 */
export function fileBeside(bytes: Uint8Array, file: string): string | undefined {
  const source = { bytes, file }
  const names = new Set<string>()
  try {
    for (const tensor of initializers(source)) {
      const outside = outsideOf(source, tensor)
      if (outside) names.add(outside.location)
    }
  } catch (error) {
    if (error instanceof ModelFileError) return undefined
    throw error
  }
  const [location, other] = names
  if (location === undefined) return undefined
  if (other !== undefined) {
    throw new ModelFileError(
      `${file}: its weights are in several files, "${location}" and "${other}"; expected one`,
    )
  }
  if (isPlain(location)) return location
  throw new ModelFileError(
    `${file}: its weights are said to be in ${JSON.stringify(location)}; expected the name of a file beside it, in the same folder`,
  )
}

/**
 * The model with its weights, as one file.
 * @param fetchData gives the file of that name beside it
 * @throws ModelFileError for a file of weights that is too short, or a model of 2 GiB or more
 */
export async function withWeightsBeside(
  read: ModelBytes,
  fetchData: (location: string) => Promise<Uint8Array>,
): Promise<ModelBytes> {
  const location = fileBeside(read.bytes, read.file)
  if (location === undefined) return read
  return { ...read, bytes: together(read.bytes, await fetchData(location), read.file) }
}

/** @throws ModelFileError for a tensor that lies outside of `data` */
export function together(model: Uint8Array, data: Uint8Array, file: string): Uint8Array {
  const source = { bytes: model, file }
  if (model.length + data.length >= MAX_FILE) {
    throw new ModelFileError(`${file}: 2 GiB or more with its weights, expected less`)
  }
  return rewritten(source, (tensor) => {
    const outside = outsideOf(source, tensor)
    if (!outside) return undefined
    const { offset, length, location } = outside
    const lies =
      [offset, length].every((n) => Number.isSafeInteger(n) && n >= 0) && offset + length <= data.length
    if (!lies) {
      throw new ModelFileError(
        `${file}: a tensor lies from byte ${offset} to ${offset + length} of "${location}", which has ${data.length}; it is cut ` +
          'off, or that of another model: copy both files again',
      )
    }
    const kept = [...fields(source, tensor)].filter(
      ({ number }) => number !== EXTERNAL_DATA && number !== DATA_LOCATION,
    )
    return [
      ...kept.map((field) => wholeOf(source, field)),
      lengthHeader(RAW_DATA, length),
      data.subarray(offset, offset + length),
    ]
  })
}

/** Where a tensor says that it lies, if not in the file. */
function outsideOf(source: Source, tensor: Span) {
  const parts = [...fields(source, tensor)]
  if (!parts.some(({ number, value }) => number === DATA_LOCATION && value === EXTERNAL)) return undefined
  const entries = new Map(
    parts.flatMap(({ number, span }) => (number === EXTERNAL_DATA && span ? [entryOf(source, span)] : [])),
  )
  const [offset, length] = ['offset', 'length'].map((key) => Number(entries.get(key) ?? 0))
  return { location: entries.get('location') ?? '', offset, length }
}

function entryOf(source: Source, span: Span): [string, string] {
  const of = (wanted: number): string => {
    for (const field of fields(source, span)) {
      if (field.number === wanted && field.span) return text(source, field.span, 'external data', MOST_TEXT)
    }
    return ''
  }
  return [of(KEY), of(VALUE)]
}

function* initializers(source: Source): Generator<Span> {
  for (const { number, span } of fields(source, { start: 0, end: source.bytes.length })) {
    if (number !== GRAPH || !span) continue
    for (const field of fields(source, span)) if (field.number === INITIALIZER && field.span) yield field.span
  }
}

const wholeOf = ({ bytes }: Source, { whole }: Field): Uint8Array => bytes.subarray(whole.start, whole.end)

/** The file with other tensors: `change` gives the parts of one, or undefined to leave it. */
function rewritten(source: Source, change: (tensor: Span) => Uint8Array[] | undefined): Uint8Array {
  const parts: Uint8Array[] = []
  for (const field of fields(source, { start: 0, end: source.bytes.length })) {
    if (field.number !== GRAPH || !field.span) {
      parts.push(wholeOf(source, field))
      continue
    }
    const graph = [...fields(source, field.span)].flatMap((inner) => {
      const tensor = inner.number === INITIALIZER && inner.span ? change(inner.span) : undefined
      return tensor ? [lengthHeader(INITIALIZER, total(tensor)), ...tensor] : [wholeOf(source, inner)]
    })
    parts.push(lengthHeader(GRAPH, total(graph)), ...graph)
  }
  return joined(parts)
}

const total = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0)
