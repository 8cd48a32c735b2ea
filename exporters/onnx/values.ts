// The graph while it is built: values that know their type, their symbolic shape and where they come from.
// Names, files and ONNX's own encoding come later.

import type { Shape } from './sizes.ts'

export type DType = 'float32' | 'int32' | 'bool' | 'int64'
export type ConstantData = Float32Array | Int32Array | Uint8Array
/**
 * Attributes as ONNX has them. A whole number is an INT, unless it is known to be a FLOAT by its name or stands as
 * `{ real: 1 }`; so are lists.
 */
export type Attributes = Readonly<Record<string, Attribute>>
export type Attribute =
  | number
  | readonly number[]
  | string
  | readonly string[]
  | { readonly real: number | readonly number[] }
  | NestedGraph

/** A graph that a node holds, as `file/graph.ts` has it. */
export interface NestedGraph {
  readonly graph: object
  /** What the node gives; known while a graph is built. */
  readonly types?: readonly TensorType[]
}

export const isNested = (value: Attribute | undefined): value is NestedGraph =>
  typeof value === 'object' && value !== null && 'graph' in value

export type Source =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly data: ConstantData; readonly label?: string }
  /**
   * A vector of int64 sizes; those that are not plain numbers are computed from shapes when it runs: of the inputs, and of
   * the values that hold as many as other values tell.
   */
  | { readonly kind: 'sizes'; readonly sizes: Shape; readonly from: readonly Value[] }
  | { readonly kind: 'node'; readonly node: Node; readonly index: number }

export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
}

export interface Value extends TensorType {
  readonly id: number
  readonly source: Source
}

export interface Node {
  readonly id: number
  /** Of another domain than ONNX's own with the domain before it, as in `com.microsoft.Gelu`. */
  readonly op: string
  /** undefined where an optional input is left out. */
  readonly inputs: readonly (Value | undefined)[]
  readonly attrs: Attributes
  readonly outputs: readonly Value[]
  /** Set where no rule of the exporter tells the types: of an operator that it does not know, or whose sizes values tell. */
  readonly foreign?: readonly TensorType[]
  /** The scope path and the kernel that it was made for, joined by dots. */
  readonly scope: string
}

/** The node that makes `value`, or undefined for inputs and constants. */
export const producer = (value: Value): Node | undefined =>
  value.source.kind === 'node' ? value.source.node : undefined

/** The numbers of a constant, or undefined for anything that is computed. */
export const constantData = (value: Value): ConstantData | undefined =>
  value.source.kind === 'constant' ? value.source.data : undefined

/** Every node that the outputs depend on, inputs before users. */
export function nodesOf(outputs: readonly Value[]): Node[] {
  const seen = new Set<Node>()
  const order: Node[] = []
  // An explicit stack: a graph may be deeper than the JavaScript call stack.
  const stack = outputs.map((value) => ({ node: producer(value), done: false })).reverse()
  while (stack.length > 0) {
    const { node, done } = stack.pop()!
    if (!node || (seen.has(node) && !done)) continue
    if (done) {
      order.push(node)
      continue
    }
    seen.add(node)
    stack.push({ node, done: true })
    for (let i = node.inputs.length - 1; i >= 0; i--) {
      const input = node.inputs[i]
      if (!input) continue
      const { source } = input
      if (source.kind === 'sizes')
        for (const value of source.from) stack.push({ node: producer(value), done: false })
      else stack.push({ node: producer(input), done: false })
    }
  }
  return order
}

/** For messages, and to compare: `float32 [2,3], int32 []`. */
export const describeTypes = (
  values: readonly { readonly dtype: string; readonly shape: readonly unknown[] }[],
): string => values.map(({ dtype, shape }) => `${dtype} [${shape}]`).join(', ')
