// The graph as a file holds it: everything has a name, shapes are tensors, attributes have ONNX types.

import type { TensorInfo } from '../options.ts'
import { type Attribute, type Attributes, type DType, isNested } from '../values.ts'

export interface FileNode {
  readonly op: string
  readonly name: string
  /** '' where an optional input is left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attrs: Attributes
}

/** Types of initialisers: two more than values have while a graph is built. */
export type StoredType = DType | 'float16' | 'int8'

export interface FileTensor {
  readonly name: string
  readonly dtype: StoredType
  readonly shape: readonly number[]
  /** Little-endian, row by row. */
  readonly bytes: Uint8Array
  /** Where they are, if not in the .onnx file. */
  readonly external?: { readonly location: string; readonly offset: number; readonly length: number }
}

export interface FileGraph {
  readonly name: string
  readonly nodes: readonly FileNode[]
  readonly initializers: readonly FileTensor[]
  readonly inputs: readonly TensorInfo[]
  readonly outputs: readonly TensorInfo[]
}

/** The graph that an attribute is, if it is one. */
export const nestedGraph = (value: Attribute | undefined): FileGraph | undefined =>
  isNested(value) ? (value.graph as FileGraph) : undefined

export interface FileModel {
  readonly graph: FileGraph
  readonly opset: number
  /** Versions of other operator sets than ONNX's own, by domain. */
  readonly domains?: ReadonlyMap<string, number>
  readonly irVersion: number
  readonly producerName: string
  readonly producerVersion: string
  readonly docString: string
  readonly metadata: ReadonlyMap<string, string>
}
