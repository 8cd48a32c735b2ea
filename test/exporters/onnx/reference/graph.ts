// Graphs written by hand, for tests of what no lowering makes or no runtime defines.

import type { FileModel, FileNode, FileTensor, StoredType } from '../../../../exporters/onnx/file/graph.ts'
import type { TensorInfo } from '../../../../exporters/onnx/options.ts'
import { evaluateGraph } from '../../../../exporters/onnx/reference/evaluate.ts'
import type { GraphInput } from '../../../../exporters/onnx/reference/inputs.ts'
import type { Tensor } from '../../../../exporters/onnx/reference/tensor.ts'

type Stored = Float32Array | Int32Array | BigInt64Array | Uint16Array | Int8Array | Uint8Array

export function stored(name: string, dtype: StoredType, shape: number[], data: Stored): FileTensor {
  return { name, dtype, shape, bytes: new Uint8Array(data.buffer) }
}

/** A list of sizes, axes or bounds. */
export const list = (name: string, ...values: number[]): FileTensor =>
  stored(name, 'int64', [values.length], BigInt64Array.from(values, BigInt))

export const floats = (...data: number[]): GraphInput => ({
  data: Float64Array.from(data),
  dims: [data.length],
})
export const ints = (...data: number[]): GraphInput => ({ data: Int32Array.from(data), dims: [data.length] })
export const longs = (...data: bigint[]): GraphInput => ({
  data: BigInt64Array.from(data),
  dims: [data.length],
})

/** `shape [2, 3] of 0, 1, 2, …` */
export function counting(...dims: number[]): GraphInput {
  const size = dims.reduce((a, b) => a * b, 1)
  return { data: Float64Array.from({ length: size }, (_, n) => n), dims }
}

export function node(
  op: string,
  inputs: string[],
  attrs: FileNode['attrs'] = {},
  outputs: string[] = ['y'],
): FileNode {
  return { op, name: `the.${op}`, inputs, outputs, attrs }
}

export interface Parts {
  readonly nodes: readonly FileNode[]
  readonly initializers?: readonly FileTensor[]
  readonly opset?: number
  /** by default those of the last node */
  readonly outputs?: readonly string[]
}

/** Inputs are declared as they are given, their sizes left open. */
export function model(inputs: Readonly<Record<string, GraphInput>>, parts: Parts): FileModel {
  const { nodes, initializers = [], opset = 17, outputs = nodes.at(-1)?.outputs ?? [] } = parts
  const typed = (name: string, { data, dims }: GraphInput) => ({
    name,
    dtype: dtypeOf(data),
    shape: dims.map((_, axis) => `${name}${axis}`),
  })
  const graph = {
    name: 'g',
    nodes,
    initializers,
    inputs: Object.entries(inputs).map(([name, input]) => typed(name, input)),
    outputs: outputs.map((name) => ({ name, dtype: 'float32' as const, shape: [] })),
  }
  const texts = { producerName: '', producerVersion: '', docString: '' }
  return { graph, opset, irVersion: 8, ...texts, metadata: new Map() }
}

function dtypeOf(data: GraphInput['data']): TensorInfo['dtype'] {
  if (data instanceof Int32Array) return 'int32'
  if (data instanceof BigInt64Array) return 'int64'
  return data instanceof Uint8Array ? 'bool' : 'float32'
}

/** The first output. */
export function evaluate(inputs: Readonly<Record<string, GraphInput>>, parts: Parts): Tensor {
  return [...evaluateGraph(model(inputs, parts), inputs).values()][0]
}

/** One node of inputs a, b, … */
export function one(op: string, given: readonly GraphInput[], attrs: FileNode['attrs'] = {}): Tensor {
  const names = given.map((_, i) => 'abcdefgh'[i])
  const inputs = Object.fromEntries(given.map((value, i) => [names[i], value]))
  return evaluate(inputs, { nodes: [node(op, names, attrs)] })
}
