// One node while it is evaluated: its inputs, its attributes, and errors that name it. An attribute that no operator
// asks for would change what the node means, so it is refused.

import { ModelFileError } from '../../../src/errors.ts'
import { type FileGraph, type FileNode, nestedGraph } from '../file/graph.ts'
import type { Attribute } from '../values.ts'
import { describe, type ElementType, type Tensor } from './tensor.ts'

export interface Call {
  readonly node: FileNode
  /** undefined where an optional input is left out */
  readonly inputs: readonly (Tensor | undefined)[]
  /** Attributes that were read. */
  readonly read: Set<string>
  /** The outputs of a graph that the node holds, which sees what is around it. */
  readonly inside: (graph: FileGraph, inputs: readonly Tensor[]) => Tensor[]
}

/** One ONNX operator: the outputs for the inputs of a node. @throws ModelFileError, LimitError */
export type Operator = (call: Call) => Tensor | readonly Tensor[]

export function fault({ node: { op, name } }: Call, message: string): ModelFileError {
  return new ModelFileError(`${op} "${name}": ${message}`)
}

/** Input `i`, which must be there, and of one of these types if any are named. */
export function input<T extends ElementType>(call: Call, i: number, ...types: T[]): Tensor<T> {
  const value = call.inputs[i]
  if (!value) throw fault(call, `has no input ${i}`)
  if (types.length === 0 || (types as ElementType[]).includes(value.type)) return value as Tensor<T>
  throw fault(call, `takes ${types.join(' or ')} as input ${i}, found ${describe(value)}`)
}

/** Like `input`, or undefined where it is left out. */
export function optional<T extends ElementType>(call: Call, i: number, ...types: T[]): Tensor<T> | undefined {
  return call.inputs[i] && input(call, i, ...types)
}

/** No list of sizes, axes or parts is nearly as long. */
const MOST_WHOLES = 1024

/** The whole numbers of an input: sizes, axes, bounds. */
export function wholes(call: Call, i: number): number[] {
  const value = input(call, i, 'int64', 'int32')
  if (value.dims.length <= 1 && value.data.length <= MOST_WHOLES) {
    return Array.from(value.data as ArrayLike<number | bigint>, Number)
  }
  throw fault(call, `takes a list of whole numbers as input ${i}, found ${describe(value)}`)
}

function attribute(call: Call, name: string): unknown {
  call.read.add(name)
  return call.node.attrs[name]
}

/** A whole-number attribute; without a fallback it must be there. */
export function integer(call: Call, name: string, fallback?: number): number {
  const value = attribute(call, name) ?? fallback
  if (Number.isSafeInteger(value)) return value as number
  throw fault(call, `attribute ${name} is ${value}, expected a whole number`)
}

/** A list attribute of whole numbers, or undefined where it is left out. */
export function integers(call: Call, name: string): readonly number[] | undefined {
  const value = attribute(call, name)
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.every(Number.isSafeInteger)) return value
  throw fault(call, `attribute ${name} is ${value}, expected whole numbers`)
}

/** An attribute of a real number, which a file holds in float32. */
export function real(call: Call, name: string, fallback: number): number {
  const value = attribute(call, name) ?? Math.fround(fallback)
  if (typeof value === 'number') return value
  throw fault(call, `attribute ${name} is ${value}, expected a number`)
}

/** A text attribute, one of a few. */
export function text<T extends string>(call: Call, name: string, allowed: readonly [T, ...T[]]): T {
  const value = attribute(call, name) ?? allowed[0]
  if (allowed.includes(value as T)) return value as T
  throw fault(
    call,
    `attribute ${name} is "${value}", which the evaluator does not know: ${allowed.join(', ')}`,
  )
}

/** An attribute that is a graph. */
export function graph(call: Call, name: string): FileGraph {
  const value = attribute(call, name) as Attribute | undefined
  const nested = nestedGraph(value)
  if (nested) return nested
  throw fault(call, `has no graph ${name}`)
}

/** An attribute of several texts. */
export function texts(call: Call, name: string, fallback: readonly string[]): readonly string[] {
  const value = attribute(call, name) ?? fallback
  if (Array.isArray(value) && value.every((text) => typeof text === 'string')) return value
  throw fault(call, `attribute ${name} is ${value}, expected texts`)
}

/** An axis of a tensor of this rank, counted from the front. */
export function axisOf(call: Call, axis: number, rank: number): number {
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis
  throw fault(call, `axis ${axis} of a tensor of rank ${rank}`)
}

/** Axes counted from the front, each once. */
export function axesOf(call: Call, axes: readonly number[], rank: number): number[] {
  const counted = axes.map((axis) => axisOf(call, axis, rank))
  if (new Set(counted).size === counted.length) return counted
  throw fault(call, `axes ${axes} name one twice`)
}

/** @throws ModelFileError when the node has an attribute that its operator did not ask for */
export function refuseUnasked(call: Call): void {
  const unknown = Object.keys(call.node.attrs).find((name) => !call.read.has(name))
  if (unknown === undefined) return
  throw fault(call, `attribute ${unknown} = ${call.node.attrs[unknown]} is none that the evaluator knows`)
}
