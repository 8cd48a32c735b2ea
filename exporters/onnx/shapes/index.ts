// The types and sizes that kernels give, told without computing. A kernel without a rule is run, on zeros.

import type { TapedTensor } from '../tape.ts'
import { arrangements } from './arrange.ts'
import { elementwise } from './elementwise.ts'
import { einsums, reductions } from './reduce.ts'
import type { ShapeCall } from './rule.ts'
import { selections } from './select.ts'
import { windows } from './window.ts'

const SHAPES = new Map(Object.entries({ ...elementwise, ...reductions }))
const FLOATS = new Map(Object.entries({ ...windows, ...einsums }))
const TYPED = new Map(Object.entries({ ...arrangements, ...selections }))

/** What `kernel` gives, or undefined where no rule is known. @param typeOf the type that a run on single elements gives */
export function resultsOf(
  kernel: string,
  call: ShapeCall,
  typeOf: () => string,
): readonly TapedTensor[] | undefined {
  const typed = TYPED.get(kernel)
  if (typed) return typed(call)
  const float = FLOATS.get(kernel)
  if (float) return [{ dtype: 'float32', shape: float(call) }]
  const shape = SHAPES.get(kernel)
  return shape && [{ dtype: typeOf(), shape: shape(call) }]
}
