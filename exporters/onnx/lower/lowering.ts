// What a lowering is: one tfjs kernel, already unified, in; ONNX nodes out. One exported function per kernel, under
// the kernel's own name, in the file of its kind; index.ts collects them.

import { ExportError } from '../../../src/errors.ts'
import type { Builder } from '../builder.ts'
import type { Shape, Size } from '../sizes.ts'
import type { NestedGraph, TensorType, Value } from '../values.ts'

/** One kernel as it was recorded. */
export interface Call {
  /** Name of the tfjs kernel, or of the composite. */
  readonly kernel: string
  /** By the kernel's names, in its order; arrays of tensors have the names '0', '1', … */
  readonly inputs: ReadonlyMap<string, Value>
  /** Attributes that are the same at every size, and shapes in symbolic sizes. */
  readonly attrs: Readonly<Record<string, unknown>>
  /** What tfjs gave: the lowering must give the same types and shapes. */
  readonly outputs: readonly TensorType[]
  /** Of a step that holds functions: the graph of each. */
  readonly graphs?: Readonly<Record<string, NestedGraph>>
}

/** Makes the ONNX nodes of one kernel with the builder, and returns their outputs in the order of the kernel. */
export type Lowering = (g: Builder, call: Call) => Value | readonly Value[]

export function input({ kernel, inputs }: Call, name: string): Value {
  const value = inputs.get(name)
  if (!value) throw new ExportError(`${kernel} has no input ${name}; found ${[...inputs.keys()].join(', ')}`)
  return value
}

/** All inputs, for kernels of an array of tensors. */
export const inputList = ({ inputs }: Call): Value[] => [...inputs.values()]

/** A number that is the same at every size. */
export function number({ kernel, attrs }: Call, name: string, fallback?: number): number {
  const value = attrs[name] ?? fallback
  if (typeof value !== 'number')
    throw new ExportError(`${kernel}: ${name} must be a fixed number, found ${value}`)
  return value
}

/** One size. */
export const size = ({ attrs }: Call, name: string): Size => attrs[name] as Size

/** A list of sizes. */
export function sizes({ kernel, attrs }: Call, name: string): Shape {
  const value = attrs[name]
  if (typeof value === 'number') return [value]
  if (!Array.isArray(value))
    throw new ExportError(`${kernel}: ${name} must be a list of sizes, found ${value}`)
  return value as Size[]
}

/** A list of fixed numbers. */
export function numbers(call: Call, name: string): number[] {
  return sizes(call, name).map((size) => {
    if (typeof size === 'number') return size
    throw new ExportError(`${call.kernel}: ${name} depends on a symbolic size; make that size a number`)
  })
}

export const text = ({ attrs }: Call, name: string): string => String(attrs[name])
export const flag = ({ attrs }: Call, name: string): boolean => Boolean(attrs[name])

/** The axes that a kernel reduces, counted from the front: all of them where it names none. */
export function axes(call: Call, rank: number, name = 'axis'): number[] {
  const value = call.attrs[name]
  if (value === undefined || value === null) return Array.from({ length: rank }, (_, axis) => axis)
  return numbers(call, name).map((axis) => (axis < 0 ? axis + rank : axis))
}
