// What a kernel gives, told from what it is given without computing a number: sizes as tfjs has them, and types.

import type * as tf from '@tensorflow/tfjs-core'
import type { TapedTensor } from '../tape.ts'

/** A call of a kernel, of which only types and sizes count. */
export interface ShapeCall {
  /** by the names of the kernel; those of a list are '0', '1', … */
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>
  readonly attrs: Readonly<Record<string, unknown>>
  /** Of a kernel whose results are as long as values tell: what stands for that. */
  readonly count?: number
}

/** The sizes of what a kernel gives; its type is that of a run on single elements. */
export type ShapeRule = (call: ShapeCall) => readonly number[]

/** The types and sizes of what a kernel gives, where a run on single elements does not tell. */
export type TypedRule = (call: ShapeCall) => readonly TapedTensor[]

export const list = (value: unknown): number[] => value as number[]

/** The axis of `attrs`, counted from the front. */
export const axisOf = (value: unknown, rank: number): number => {
  const axis = Array.isArray(value) ? value[0] : (value ?? 0)
  return axis < 0 ? axis + rank : axis
}
