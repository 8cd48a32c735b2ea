// The places of what is true, and numbers that count up. How many there are is a size of its own, which the recording named.

import { cast, reshape, transpose } from '../build.ts'
import { symbol } from '../sizes.ts'
import { type Call, input, inputList, type Lowering, text } from './lowering.ts'

const counted = (call: Call) => symbol(text(call, 'counted'))

/** The places of what is true, row by row: shape [how many, rank]. */
export const Where: Lowering = (g, call) => {
  const condition = input(call, '0')
  const shape = [condition.shape.length, counted(call)]
  const places = g.counted('NonZero', [condition], {}, { dtype: 'int64', shape })
  return transpose(g, cast(g, places, 'int32'), [1, 0])
}

/** From a number on, up to one that values tell, by a step. */
export const Range: Lowering = (g, call) => {
  const given = inputList(call).map((value) => reshape(g, value, []))
  return g.counted('Range', given, {}, { dtype: given[0].dtype, shape: [counted(call)] })
}
