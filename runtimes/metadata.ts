// What an .onnx file says about itself: versions, metadata, inputs, outputs, operators and where its weights lie.
// onnxruntime's JavaScript API shows none of this, so the file's protobuf is skimmed here. Subgraphs of control flow
// are not entered; tensors are located, not read (initializerData does that).

import { ModelFileError } from '../src/errors.ts'
import { insteadOf } from '../src/instead.ts'
import { type Field, fields, packedVarints, type Source, type Span, text } from './wire.ts'

/** protobuf's own limit for one message. */
export const MAX_FILE = 2 ** 31
const MAX_METADATA = 64 * 2 ** 20
const MAX_NODES = 200_000
const MAX_RANK = 16

/** An input or output of a graph. */
export interface GraphValue {
  /** in the graph */
  readonly name: string
  /** ONNX element type: 1 float32, 6 int32, 7 int64, … (TensorProto.DataType); 0 when not given */
  readonly type: number
  /** sizes, or names of symbolic sizes; '?' where the file says nothing */
  readonly shape: readonly (number | string)[]
}

/** A constant of a graph: where it lies, not what it is. */
export interface Initializer {
  /** in the graph */
  readonly name: string
  /** ONNX element type, as of GraphValue */
  readonly type: number
  /** sizes of the axes */
  readonly shape: readonly number[]
  /** bytes of `raw_data` in the file; undefined when the values are stored another way */
  readonly raw: Span | undefined
  /** whether they are in another file */
  readonly outside: boolean
}

/** What an .onnx file says about itself. */
export interface OnnxMetadata {
  /** length of the file */
  readonly bytes: number
  /** version of the file format */
  readonly irVersion: number
  /** version by operator domain; '' is ONNX itself */
  readonly opsets: ReadonlyMap<string, number>
  /** name and version of what wrote the file */
  readonly producer: string
  /** `metadata_props` by key */
  readonly metadata: ReadonlyMap<string, string>
  /** in the order of the graph */
  readonly inputs: readonly GraphValue[]
  /** in the order of the graph */
  readonly outputs: readonly GraphValue[]
  /** constants of the graph */
  readonly initializers: readonly Initializer[]
  /** how many the graph has */
  readonly nodes: number
  /** how many nodes of each operator, most frequent first */
  readonly operators: ReadonlyMap<string, number>
}

/**
 * Skims an .onnx file.
 * @throws ModelFileError when it is empty, truncated, too large or not ONNX; `file` names it in the message.
 */
export function readMetadata(bytes: Uint8Array, file = 'model'): OnnxMetadata {
  const source = { bytes, file }
  refuseOtherFiles(source)
  let irVersion = 0
  let graph: Span | undefined
  const producer = ['', '']
  const opsets = new Map<string, number>()
  const metadata = new Map<string, string>()
  for (const field of fields(source, { start: 0, end: bytes.length })) {
    if (field.number === 1) irVersion = field.value ?? 0
    else if (field.number === 2 || field.number === 3) {
      producer[field.number - 2] = text(source, message(source, field), 'the producer')
    } else if (field.number === 7) graph = message(source, field)
    else if (field.number === 8) readOpset(source, message(source, field), opsets)
    else if (field.number === 14) readProperty(source, message(source, field), metadata)
  }
  if (graph === undefined || irVersion === 0 || opsets.size === 0) {
    const missing = graph === undefined ? 'graph' : irVersion === 0 ? 'ir_version' : 'opset_import'
    throw new ModelFileError(
      `${file}: not a complete ONNX model (${bytes.length} bytes): it has no ${missing}; ` +
        'check the download or export the model again',
    )
  }
  return {
    bytes: bytes.length,
    irVersion,
    opsets,
    producer: producer.join(' ').trim(),
    metadata,
    ...readGraph(source, graph),
  }
}

/** The values of a float32 initializer. @throws ModelFileError when it is of another type or not stored as raw data. */
export function initializerData(bytes: Uint8Array, initializer: Initializer, file = 'model'): Float32Array {
  const { name, type, raw, shape } = initializer
  const size = shape.reduce((a, b) => a * b, 1)
  if (type !== 1 || raw === undefined || raw.end - raw.start !== 4 * size) {
    throw new ModelFileError(`${file}: initializer "${name}" is not float32 raw data of shape [${shape}]`)
  }
  // Not bytes.slice: for a Buffer that is a view.
  const from = bytes.byteOffset + raw.start
  return new Float32Array(bytes.buffer.slice(from, from + 4 * size))
}

function refuseOtherFiles({ bytes, file }: Source): void {
  if (bytes.length === 0) throw new ModelFileError(`${file}: the file is empty; export the model again`)
  if (bytes.length >= MAX_FILE) {
    throw new ModelFileError(`${file}: ${bytes.length} bytes, expected less than ${MAX_FILE} (2 GiB)`)
  }
  const instead = insteadOf(bytes, 'model')
  if (instead !== undefined) throw new ModelFileError(`${file}: ${instead}`)
}

function message(source: Source, field: Field): Span {
  if (field.span === undefined) {
    throw new ModelFileError(`${source.file}: not an ONNX file: field ${field.number} is not a message`)
  }
  return field.span
}

function readOpset(source: Source, span: Span, opsets: Map<string, number>): void {
  let domain = ''
  let version = 0
  for (const field of fields(source, span)) {
    if (field.number === 1) domain = text(source, message(source, field), 'an operator domain')
    else if (field.number === 2) version = field.value ?? 0
  }
  opsets.set(domain, version)
}

function readProperty(source: Source, span: Span, metadata: Map<string, string>): void {
  let key = ''
  let value = ''
  for (const field of fields(source, span)) {
    if (field.number === 1) key = text(source, message(source, field), 'a metadata key')
    else if (field.number === 2) {
      value = text(source, message(source, field), `metadata "${key}"`, MAX_METADATA)
    }
  }
  metadata.set(key, value)
}

function readGraph(source: Source, graph: Span) {
  const inputs: GraphValue[] = []
  const outputs: GraphValue[] = []
  const initializers: Initializer[] = []
  const counts = new Map<string, number>()
  let nodes = 0
  for (const field of fields(source, graph)) {
    if (field.number === 1) {
      if (++nodes > MAX_NODES) {
        throw new ModelFileError(`${source.file}: more than ${MAX_NODES} nodes in the graph`)
      }
      const operator = readOperator(source, message(source, field))
      counts.set(operator, (counts.get(operator) ?? 0) + 1)
    } else if (field.number === 5) initializers.push(readInitializer(source, message(source, field)))
    else if (field.number === 11) inputs.push(readValue(source, message(source, field)))
    else if (field.number === 12) outputs.push(readValue(source, message(source, field)))
  }
  // Files of IR version 3 and older repeat the initializers among the inputs.
  const stored = new Set(initializers.map(({ name }) => name))
  const operators = new Map([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)))
  return {
    inputs: inputs.filter(({ name }) => !stored.has(name)),
    outputs,
    initializers,
    nodes,
    operators,
  }
}

function readOperator(source: Source, span: Span): string {
  for (const field of fields(source, span)) {
    if (field.number === 4) return text(source, message(source, field), 'an operator name', 256)
  }
  throw new ModelFileError(`${source.file}: a node at byte ${span.start} has no operator`)
}

function readInitializer(source: Source, span: Span): Initializer {
  let name = ''
  let type = 0
  let raw: Span | undefined
  let outside = false
  const shape: number[] = []
  for (const field of fields(source, span)) {
    if (field.number === 1) {
      shape.push(...(field.span ? packedVarints(source, field.span, MAX_RANK) : [field.value ?? 0]))
      if (shape.length > MAX_RANK)
        throw new ModelFileError(`${source.file}: an initializer of rank ${shape.length}`)
    } else if (field.number === 2) type = field.value ?? 0
    else if (field.number === 8) name = text(source, message(source, field), 'the name of an initializer')
    else if (field.number === 9) raw = message(source, field)
    else if (field.number === 14) outside = field.value === 1
  }
  return { name, type, shape, raw, outside }
}

/** ValueInfoProto: name = 1, type = 2; TypeProto.tensor_type = 1; elem_type = 1, shape = 2; shape.dim = 1. */
function readValue(source: Source, span: Span): GraphValue {
  let name = ''
  let type = 0
  const shape: (number | string)[] = []
  for (const field of fields(source, span)) {
    if (field.number === 1) name = text(source, message(source, field), 'the name of an input or output')
    if (field.number !== 2) continue
    for (const tensor of only(source, message(source, field), 1)) {
      for (const part of fields(source, tensor)) {
        if (part.number === 1) type = part.value ?? 0
        if (part.number !== 2) continue
        for (const dim of only(source, message(source, part), 1)) shape.push(readDimension(source, dim))
      }
    }
  }
  return { name, type, shape }
}

function readDimension(source: Source, span: Span): number | string {
  for (const field of fields(source, span)) {
    if (field.number === 1 && field.value !== undefined) return field.value
    if (field.number === 2) return text(source, message(source, field), 'the name of a dimension')
  }
  return '?'
}

function* only(source: Source, span: Span, number: number): Generator<Span> {
  for (const field of fields(source, span)) {
    if (field.number === number) yield message(source, field)
  }
}
