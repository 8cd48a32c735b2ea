// What the builder must know of an ONNX operator: which types and shapes it gives for which inputs.
// The rules are those of the ONNX operator documentation (opset 17), for the attributes that the lowerings use.

import { ExportError } from '../../../src/errors.ts'
import { add, equal, formatShape, type Shape, type Size } from '../sizes.ts'
import type { Attributes, DType, Value } from '../values.ts'

export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
}

export interface OperatorCall {
  readonly op: string
  readonly inputs: readonly (Value | undefined)[]
  readonly attrs: Attributes
}

/** The types of an operator's outputs. @throws ExportError for inputs that it does not take. */
export type Infer = (call: OperatorCall) => readonly TensorType[]

/** Input `i`, which must be there. */
export function input({ op, inputs }: OperatorCall, i: number): Value {
  const value = inputs[i]
  if (!value) throw new ExportError(`${op} needs an input ${i}`)
  return value
}

/** The sizes that a shape-like input holds. */
export function sizesInput(call: OperatorCall, i: number): Shape {
  const { source } = input(call, i)
  if (source.kind !== 'sizes') throw new ExportError(`${call.op} takes sizes as input ${i}`)
  return source.sizes
}

/** A whole-number attribute. */
export function integer({ op, attrs }: OperatorCall, name: string): number {
  const value = attrs[name]
  if (!Number.isInteger(value)) throw new ExportError(`${op} needs a whole number ${name}, found ${value}`)
  return value as number
}

export function integers({ op, attrs }: OperatorCall, name: string): readonly number[] {
  const value = attrs[name]
  if (!Array.isArray(value) || !value.every(Number.isInteger)) {
    throw new ExportError(`${op} needs whole numbers ${name}, found ${value}`)
  }
  return value
}

/** An axis counted from the front. */
export function axisOf(call: OperatorCall, axis: number, rank: number): number {
  if (axis < -rank || axis >= rank) {
    throw new ExportError(`${call.op}: axis ${axis} is outside a tensor of rank ${rank}`)
  }
  return axis < 0 ? axis + rank : axis
}

export function expectDtype(call: OperatorCall, value: Value, ...allowed: DType[]): void {
  if (allowed.includes(value.dtype)) return
  throw new ExportError(
    `${call.op} takes ${allowed.join(' or ')}, found ${value.dtype}${formatShape(value.shape)}`,
  )
}

/** The shape of an element-wise result. @throws ExportError when the shapes do not broadcast. */
export function broadcast(op: string, ...shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length))
  return Array.from({ length: rank }, (_, axis) => {
    let size: Size = 1
    for (const shape of shapes) {
      const other = shape[axis - rank + shape.length] ?? 1
      if (size === 1) size = other
      else if (other !== 1 && !equal(size, other)) {
        throw new ExportError(`${op}: shapes ${shapes.map(formatShape).join(' and ')} do not broadcast`)
      }
    }
    return size
  })
}

export const sum = (sizes: readonly Size[]): Size => sizes.reduce(add, 0)
