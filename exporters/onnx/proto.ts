// The .onnx file format: ModelProto to bytes and back. The only file that touches protobuf.

import type { FileModel, FileNode, FileTensor } from './file/graph.ts'
import type { TensorInfo } from './options.ts'
import { onnx } from './proto/generated/onnx.js'
import type { DType } from './values.ts'

const { DataType } = onnx.TensorProto
const TYPES: Readonly<Record<DType, number>> = {
  float32: DataType.FLOAT,
  int32: DataType.INT32,
  int64: DataType.INT64,
  bool: DataType.BOOL,
}
/** Attributes that are real numbers even where their value is whole. */
const REAL = new Set(['alpha', 'epsilon'])

export function encodeModel(model: FileModel): Uint8Array {
  const { graph } = model
  const proto: onnx.ModelProto.$Properties = {
    irVersion: model.irVersion,
    producerName: model.producerName,
    producerVersion: model.producerVersion,
    docString: model.docString,
    opsetImport: [{ domain: '', version: model.opset }],
    metadataProps: [...model.metadata].map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      node: graph.nodes.map(encodeNode),
      initializer: graph.initializers.map(encodeTensor),
      input: graph.inputs.map(encodeInfo),
      output: graph.outputs.map(encodeInfo),
    },
  }
  return onnx.ModelProto.encode(proto).finish()
}

function encodeNode({ op, name, inputs, outputs, attrs }: FileNode): onnx.NodeProto.$Properties {
  return {
    opType: op,
    name,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attrs).map(([key, value]) => encodeAttribute(key, value)),
  }
}

function encodeAttribute(
  name: string,
  value: number | readonly number[] | string,
): onnx.AttributeProto.$Properties {
  const { AttributeType } = onnx.AttributeProto
  if (name === 'to') return { name, type: AttributeType.INT, i: TYPES[value as DType] }
  if (typeof value === 'string')
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) }
  if (typeof value !== 'number') return { name, type: AttributeType.INTS, ints: [...value] }
  return REAL.has(name)
    ? { name, type: AttributeType.FLOAT, f: value }
    : { name, type: AttributeType.INT, i: value }
}

function encodeTensor({ name, dtype, shape, bytes }: FileTensor): onnx.TensorProto.$Properties {
  return { name, dataType: TYPES[dtype], dims: [...shape], rawData: bytes }
}

function encodeInfo({ name, dtype, shape }: TensorInfo): onnx.ValueInfoProto.$Properties {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, type: { tensorType: { elemType: TYPES[dtype], shape: { dim } } } }
}
