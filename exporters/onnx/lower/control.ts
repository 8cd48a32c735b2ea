// Operators that hold graphs. Their first input is the condition; what follows are the arguments of the functions.

import { inputList, type Lowering } from './lowering.ts'

/** Its branches read the arguments where they are, outside of them. */
export const If: Lowering = (g, call) => g.ops('If', inputList(call), call.graphs)

export const Loop: Lowering = (g, call) => {
  const [condition, ...state] = inputList(call)
  return g.ops('Loop', [undefined, condition, ...state], call.graphs)
}
