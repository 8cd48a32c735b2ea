// Branches and loops: operators that hold graphs.

import { LimitError } from '../../../src/errors.ts'
import { type Call, fault, graph, input, optional } from './call.ts'
import type { Tensor } from './tensor.ts'

/** A loop without an end is one that goes on for longer. */
const MOST_TURNS = 1_000_000

const isTrue = ({ data }: Tensor): boolean => Boolean(data[0])

export function If(call: Call): Tensor[] {
  const branches = ['else_branch', 'then_branch'].map((name) => graph(call, name))
  return call.inside(branches[Number(isTrue(input(call, 0, 'bool')))], [])
}

/** Without outputs of its turns, which are put together. */
export function Loop(call: Call): Tensor[] {
  const body = graph(call, 'body')
  const most = optional(call, 0, 'int64')
  let condition: Tensor = optional(call, 1, 'bool') ?? bool(true)
  let state = call.inputs.slice(2).map((_, i) => input(call, i + 2))
  if (body.outputs.length !== state.length + 1) {
    throw fault(call, `${body.outputs.length} outputs of its body, expected ${state.length + 1}`)
  }
  for (let turn = 0; isTrue(condition) && !(most && turn >= Number(most.data[0])); turn++) {
    if (turn === MOST_TURNS) throw new LimitError(`Loop "${call.node.name}": more than ${MOST_TURNS} turns`)
    const index: Tensor = { type: 'int64', dims: [], data: BigInt64Array.of(BigInt(turn)) }
    ;[condition, ...state] = call.inside(body, [index, condition, ...state])
  }
  return state
}

const bool = (value: boolean): Tensor => ({ type: 'bool', dims: [], data: Uint8Array.of(Number(value)) })
