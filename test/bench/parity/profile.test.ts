// How a profile of onnxruntime is read: who ran the nodes.

import { describe, expect, it } from 'vitest'
import { placement } from '../../../bench/parity/profile.ts'

describe('a profile', () => {
  const event = (args: object, cat = 'Node') =>
    `${JSON.stringify({ cat, args }).replace('"cat":', '"cat" : ')},`

  it('tells who ran the nodes, and what the CPU computed besides shapes', () => {
    const found = placement([
      '[',
      event({}, 'Session'),
      event({
        op_name: 'MatMul',
        provider: 'WebGpuExecutionProvider',
        output_type_shape: [{ float: [2, 2] }],
      }),
      event({ op_name: 'Concat', provider: 'CPUExecutionProvider', output_type_shape: [{ int64: [3] }] }),
      event({ op_name: 'Round', provider: 'CPUExecutionProvider', output_type_shape: [{ float: [2] }] }),
      event({ op_name: 'a node that has no provider is a step of a run' }),
      ']',
    ])
    expect(found).toEqual({
      nodes: { WebGpuExecutionProvider: 1, CPUExecutionProvider: 2 },
      floatsOnCpu: ['Round'],
    })
  })
})
