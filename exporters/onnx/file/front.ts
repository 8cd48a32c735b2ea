// A graph in front of another one: nodes that make the inputs of a finished file from other inputs. Here tensors may have
// sizes that follow from values, such as the largest of some counts, which no recorded function can say; so nodes are
// written as the file has them, without shapes.

import type { TensorInfo } from '../options.ts'
import type { DType } from '../values.ts'
import type { FileModel, FileNode, FileTensor } from './graph.ts'
import { operatorName } from './names.ts'

/** The name of a tensor of the front. */
export type Tensor = string

export interface Front {
  readonly inputs: readonly TensorInfo[]
  readonly nodes: readonly FileNode[]
  readonly initializers: readonly FileTensor[]
  /** The tensor of the front that an input of the other graph becomes. */
  readonly makes: ReadonlyMap<string, Tensor>
}

export interface FrontBuilder {
  /** An input of the file. A size in words is open. */
  input(name: string, dtype: DType, shape: readonly (number | string)[]): Tensor
  /** The output of a node; `label` names it instead of its operator. */
  op(op: string, inputs: readonly Tensor[], attrs?: FileNode['attrs'], label?: string): Tensor
  /** A vector, of int64 where nothing else is said. */
  vector(values: readonly number[], dtype?: 'int32' | 'int64' | 'float32'): Tensor
  scalar(value: number, dtype: 'int32' | 'int64' | 'float32'): Tensor
  /** The largest along an axis, or of all. */
  largest(x: Tensor, axis?: number): Tensor
  sum(x: Tensor, axis: number): Tensor
  cast(x: Tensor, to: DType): Tensor
  /** With an axis of size 1 more. */
  unsqueeze(x: Tensor, axis: number): Tensor
  reshape(x: Tensor, shape: readonly number[]): Tensor
  /** 0, 1, …, one less than `count`, which is a scalar of int32. */
  range(count: Tensor): Tensor
  finish(makes: Readonly<Record<string, Tensor>>): Front
}

/** Before the names of its tensors and nodes. */
const PREFIX = 'batch.'
/** Operator set in which the axes of this reduction became an input. */
const AXES_ARE_INPUT_SINCE = 18

export function createFront(opset: number): FrontBuilder {
  const inputs: TensorInfo[] = []
  const nodes: FileNode[] = []
  const initializers = new Map<string, FileTensor>()

  function op(
    op: string,
    given: readonly Tensor[],
    attrs: FileNode['attrs'] = {},
    label = operatorName(op),
  ): Tensor {
    const name = `${PREFIX}${label}_${nodes.length}`
    nodes.push({ op, name, inputs: given, outputs: [name], attrs })
    return name
  }
  function constant(
    values: readonly number[],
    dtype: 'int32' | 'int64' | 'float32',
    shape: readonly number[],
  ) {
    const name = `${PREFIX}${dtype}[${shape}](${values})`
    initializers.set(name, { name, dtype, shape, bytes: bytesOf(values, dtype) })
    return name
  }
  const vector: FrontBuilder['vector'] = (values, dtype = 'int64') => constant(values, dtype, [values.length])
  const scalar: FrontBuilder['scalar'] = (value, dtype) => constant([value], dtype, [])

  return {
    input(name, dtype, shape) {
      inputs.push({ name, dtype, shape })
      return name
    },
    op,
    vector,
    scalar,
    largest(x, axis) {
      if (axis === undefined) return op('ReduceMax', [x], { keepdims: 0 })
      if (opset >= AXES_ARE_INPUT_SINCE) return op('ReduceMax', [x, vector([axis])], { keepdims: 0 })
      return op('ReduceMax', [x], { keepdims: 0, axes: [axis] })
    },
    sum: (x, axis) => op('ReduceSum', [x, vector([axis])], { keepdims: 0 }),
    cast: (x, to) => op('Cast', [x], { to }),
    unsqueeze: (x, axis) => op('Unsqueeze', [x, vector([axis])]),
    reshape: (x, shape) => op('Reshape', [x, vector(shape)]),
    range: (count) => op('Range', [scalar(0, 'int32'), count, scalar(1, 'int32')]),
    finish: (makes) => ({
      inputs,
      nodes,
      initializers: [...initializers.values()],
      makes: new Map(Object.entries(makes)),
    }),
  }
}

function bytesOf(values: readonly number[], dtype: 'int32' | 'int64' | 'float32'): Uint8Array {
  if (dtype === 'int64') return new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
  return new Uint8Array((dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values)).buffer)
}

/** The model behind the front: its inputs are made by it, and are none of the file any more. */
export function behind(front: Front, model: FileModel): FileModel {
  const { graph } = model
  const renamed = (name: string) => front.makes.get(name) ?? name
  const nodes = graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(renamed) }))
  return {
    ...model,
    graph: {
      ...graph,
      nodes: [...front.nodes, ...nodes],
      initializers: [...front.initializers, ...graph.initializers],
      inputs: [...front.inputs, ...graph.inputs.filter(({ name }) => !front.makes.has(name))],
    },
  }
}
