// A small part of the parity table (npm run parity): both networks on the processor, on wasm and on WebGPU, and how a
// profile is read.

import { describe, expect, it } from 'vitest'
import { placement } from '../../bench/parity/profile.ts'
import { parityTable } from '../../bench/parity/table.ts'
import { inChromium, noChromium } from './chromium.ts'

const DEVICES = ['node cpu', 'chromium wasm ×1', 'chromium webgpu']
/** A software adapter compiles shaders for many seconds. */
const SLOW = { timeout: 240_000 }

describe.skipIf(noChromium !== undefined)(inChromium('parity'), () => {
  it('holds on every device, and WebGPU leaves the CPU integers only', SLOW, async () => {
    const { cells, failed } = await parityTable({
      size: 'tiny',
      devices: (name) => DEVICES.includes(name),
      crystals: (name) => name === 'GaN_wurtzite_rattled',
    })
    expect(failed).toEqual([])
    expect(cells.map(({ network, device }) => `${network} on ${device}`)).toEqual(
      ['Crystalformer', 'CrystalFramer'].flatMap((network) => DEVICES.map((name) => `${network} on ${name}`)),
    )
    for (const cell of cells) {
      expect(cell).toMatchObject({ passed: true, strays: [], crystals: 1 })
      const { CPUExecutionProvider: cpu = 0, WebGpuExecutionProvider: gpu = 0 } = cell.nodes
      if (cell.device === 'chromium webgpu') expect(gpu).toBeGreaterThan(30 * cpu)
      else expect(gpu).toBe(0)
    }
  })
})

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
