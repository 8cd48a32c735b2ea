// The .onnx file format: a model to bytes and back. The only file that touches protobuf.

import { ModelFileError } from '../../src/errors.ts'
import {
  type FileGraph,
  type FileModel,
  type FileNode,
  type FileTensor,
  nestedGraph,
  type StoredType,
} from './file/graph.ts'
import type { TensorInfo } from './options.ts'
import { onnx } from './proto/generated/onnx.js'
import { type Attribute, type DType, isNested } from './values.ts'

const { DataType } = onnx.TensorProto
const { EXTERNAL } = onnx.TensorProto.DataLocation
const { AttributeType } = onnx.AttributeProto
const TYPES: Readonly<Record<StoredType, number>> = {
  float32: DataType.FLOAT,
  int32: DataType.INT32,
  int64: DataType.INT64,
  bool: DataType.BOOL,
  float16: DataType.FLOAT16,
  int8: DataType.INT8,
}
const NAMES = new Map(Object.entries(TYPES).map(([name, type]) => [type, name as StoredType]))
/** Attributes that are real numbers even where their value is whole. */
const REAL = new Set(['alpha', 'epsilon'])
/** The format ends here: a protobuf message holds at most 2 GiB. */
const MAX_BYTES = 2 ** 31 - 1
/** No model has nearly as many nodes, initialisers or metadata entries. */
const MAX_ENTRIES = 1_000_000
const MAX_DEPTH = 8

export function encodeModel(model: FileModel): Uint8Array {
  const { graph } = model
  const written = onnx.ModelProto.encode({
    irVersion: model.irVersion,
    producerName: model.producerName,
    producerVersion: model.producerVersion,
    docString: model.docString,
    opsetImport: [['', model.opset] as const, ...(model.domains ?? [])].map(([domain, version]) => ({
      domain,
      version,
    })),
    metadataProps: [...model.metadata].map(([key, value]) => ({ key, value })),
    graph: encodeGraph(graph),
  }).finish()
  // In Node this is a Buffer that may lie in a pool shared with others.
  return new Uint8Array(written)
}

function encodeGraph(graph: FileGraph): onnx.GraphProto.$Properties {
  return {
    name: graph.name,
    node: graph.nodes.map(encodeNode),
    initializer: graph.initializers.map(encodeTensor),
    input: graph.inputs.map(encodeInfo),
    output: graph.outputs.map(encodeInfo),
  }
}

function encodeNode({ op, name, inputs, outputs, attrs }: FileNode): onnx.NodeProto.$Properties {
  const end = op.lastIndexOf('.')
  return {
    ...(end > 0 && { domain: op.slice(0, end) }),
    opType: op.slice(end + 1),
    name,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attrs).map(([key, value]) => encodeAttribute(key, value)),
  }
}

function encodeAttribute(name: string, value: Attribute): onnx.AttributeProto.$Properties {
  if (name === 'to') return { name, type: AttributeType.INT, i: TYPES[value as DType] }
  if (typeof value === 'string') {
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) }
  }
  if (isNested(value)) return { name, type: AttributeType.GRAPH, g: encodeGraph(nestedGraph(value)!) }
  if (typeof value === 'object' && 'real' in value) {
    const { real } = value
    return typeof real === 'number'
      ? { name, type: AttributeType.FLOAT, f: real }
      : { name, type: AttributeType.FLOATS, floats: [...real] }
  }
  if (typeof value !== 'number') {
    if (!isTexts(value)) return { name, type: AttributeType.INTS, ints: [...value] }
    return { name, type: AttributeType.STRINGS, strings: value.map((text) => new TextEncoder().encode(text)) }
  }
  return REAL.has(name) || !Number.isInteger(value)
    ? { name, type: AttributeType.FLOAT, f: value }
    : { name, type: AttributeType.INT, i: value }
}

const isTexts = (value: readonly (number | string)[]): value is readonly string[] =>
  typeof value[0] === 'string'

function encodeTensor({ name, dtype, shape, bytes, external }: FileTensor): onnx.TensorProto.$Properties {
  const type = { name, dataType: TYPES[dtype], dims: [...shape] }
  if (!external) return { ...type, rawData: bytes }
  const externalData = Object.entries(external).map(([key, value]) => ({ key, value: String(value) }))
  return { ...type, dataLocation: EXTERNAL, externalData }
}

function encodeInfo({ name, dtype, shape }: TensorInfo): onnx.ValueInfoProto.$Properties {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, type: { tensorType: { elemType: TYPES[dtype], shape: { dim } } } }
}

/** Files that lie beside a model and hold constants of it, by name. */
export type ExternalFiles = Readonly<Record<string, Uint8Array>>

/**
 * A model that this exporter wrote, or one like it, for inspection.
 * @param external files beside it, if some of its constants are there
 * @throws ModelFileError for bytes that are no ONNX model, are cut off, or hold types that this exporter never writes.
 */
export function decodeModel(bytes: Uint8Array, file = 'model', external: ExternalFiles = {}): FileModel {
  if (bytes.length > MAX_BYTES)
    throw new ModelFileError(`${file}: ${bytes.length} bytes are more than ONNX allows`)
  let proto: onnx.ModelProto
  try {
    proto = onnx.ModelProto.decode(bytes)
  } catch (cause) {
    throw new ModelFileError(`${file}: is no ONNX model, or is cut off`, { cause })
  }
  const { graph } = proto
  if (!graph) throw new ModelFileError(`${file}: is no ONNX model: it has no graph`)
  checkLengths([proto.metadataProps], file)
  return {
    opset: Number(proto.opsetImport?.find(({ domain }) => !domain || domain === 'ai.onnx')?.version ?? 0),
    domains: new Map(
      (proto.opsetImport ?? [])
        .filter(({ domain }) => domain && domain !== 'ai.onnx')
        .map(({ domain, version }) => [domain!, Number(version)]),
    ),
    irVersion: Number(proto.irVersion),
    producerName: proto.producerName ?? '',
    producerVersion: proto.producerVersion ?? '',
    docString: proto.docString ?? '',
    metadata: new Map((proto.metadataProps ?? []).map(({ key, value }) => [key ?? '', value ?? ''])),
    graph: decodeGraph(graph, file, external, 0),
  }
}

function checkLengths(lists: readonly (readonly unknown[] | null | undefined)[], file: string): void {
  for (const list of lists) {
    if ((list?.length ?? 0) <= MAX_ENTRIES) continue
    throw new ModelFileError(`${file}: ${list?.length} entries in one list; at most ${MAX_ENTRIES} are read`)
  }
}

/** @param depth how many graphs it is in */
function decodeGraph(
  graph: onnx.GraphProto.$Properties,
  file: string,
  external: ExternalFiles,
  depth: number,
): FileGraph {
  if (depth > MAX_DEPTH) throw new ModelFileError(`${file}: graphs in graphs, more than ${MAX_DEPTH} deep`)
  checkLengths([graph.node, graph.initializer, graph.input, graph.output], file)
  const inner = (graph: onnx.GraphProto.$Properties) => decodeGraph(graph, file, external, depth + 1)
  return {
    name: graph.name ?? '',
    nodes: (graph.node ?? []).map((node) => decodeNode(node, inner)),
    initializers: (graph.initializer ?? []).map((tensor) => decodeTensor(tensor, file, external)),
    inputs: (graph.input ?? []).map((info) => decodeInfo(info, file)),
    outputs: (graph.output ?? []).map((info) => decodeInfo(info, file)),
  }
}

/** Operators of other domains than ONNX's own have the domain before their name: they are other operators. */
function decodeNode(
  { domain, opType, name, input, output, attribute }: onnx.NodeProto.$Properties,
  inner: (graph: onnx.GraphProto.$Properties) => FileGraph,
): FileNode {
  const attrs: Record<string, Attribute> = Object.create(null)
  for (const attr of attribute ?? []) {
    const { name = '', type } = attr
    if (name === null) continue
    if (name === 'to') attrs[name] = NAMES.get(Number(attr.i)) ?? Number(attr.i)
    else if (type === AttributeType.INT) attrs[name] = Number(attr.i)
    else if (type === AttributeType.GRAPH) attrs[name] = { graph: inner(attr.g ?? {}) }
    else if (type === AttributeType.FLOAT) attrs[name] = attr.f ?? 0
    else if (type === AttributeType.STRING) attrs[name] = new TextDecoder().decode(attr.s ?? new Uint8Array())
    else if (type === AttributeType.STRINGS) {
      attrs[name] = (attr.strings ?? []).map((text) => new TextDecoder().decode(text))
    } else attrs[name] = ((type === AttributeType.FLOATS ? attr.floats : attr.ints) ?? []).map(Number)
  }
  const op = domain && domain !== 'ai.onnx' ? `${domain}.${opType}` : (opType ?? '')
  return { op, name: name ?? '', inputs: input ?? [], outputs: output ?? [], attrs }
}

function decodeTensor(
  { name, dataType, dims, rawData, dataLocation, externalData }: onnx.TensorProto.$Properties,
  file: string,
  external: ExternalFiles,
): FileTensor {
  const place = `${file}: initializer "${name}"`
  const type = {
    name: name ?? '',
    dtype: storedType(dataType, place),
    shape: (dims ?? []).map(Number),
  }
  if (dataLocation !== EXTERNAL) return { ...type, bytes: new Uint8Array(rawData ?? []) }
  const entries = new Map((externalData ?? []).map(({ key, value }) => [key, value ?? '']))
  const location = entries.get('location') ?? ''
  const [offset, length] = ['offset', 'length'].map((key) => Number(entries.get(key) ?? 0))
  const data = Object.hasOwn(external, location) ? external[location] : undefined
  const given = data && offset >= 0 && length >= 0 && offset + length <= data.length
  // Without the file the graph can still be looked at.
  if (data && !given) {
    throw new ModelFileError(
      `${place} lies from byte ${offset} to ${offset + length} of "${location}", which has ${data.length}; it is cut off, or ` +
        'that of another model',
    )
  }
  const bytes = data?.subarray(offset, offset + length) ?? new Uint8Array()
  return { ...type, bytes, external: { location, offset, length } }
}

function decodeInfo({ name, type }: onnx.ValueInfoProto.$Properties, file: string): TensorInfo {
  const tensor = type?.tensorType
  return {
    name: name ?? '',
    dtype: decodeType(tensor?.elemType, `${file}: "${name}"`),
    shape: (tensor?.shape?.dim ?? []).map(({ dimValue, dimParam }) => dimParam || Number(dimValue ?? 0)),
  }
}

/** Inputs and outputs are of the types that the exporter computes with. */
function decodeType(type: number | null | undefined, place: string): DType {
  const name = storedType(type, place)
  if (name === 'float16' || name === 'int8') {
    throw new ModelFileError(`${place} is of type ${name}, which this exporter never writes`)
  }
  return name
}

function storedType(type: number | null | undefined, place: string): StoredType {
  const name = NAMES.get(Number(type))
  if (!name) throw new ModelFileError(`${place} has element type ${type}, which this exporter never writes`)
  return name
}
