// The places of what is true. How many there are is a size of its own, which the recording named.

import { cast, transpose } from '../build.ts'
import { symbol } from '../sizes.ts'
import { input, type Lowering, text } from './lowering.ts'

/** The places of what is true, row by row: shape [how many, rank]. */
export const Where: Lowering = (g, call) => {
  const condition = input(call, '0')
  const shape = [condition.shape.length, symbol(text(call, 'counted'))]
  const places = g.counted('NonZero', [condition], {}, { dtype: 'int64', shape })
  return transpose(g, cast(g, places, 'int32'), [1, 0])
}
