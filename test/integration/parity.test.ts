// A small part of the parity table (npm run parity): both networks on the processor, on wasm and on WebGPU.

import { describe, expect, it } from 'vitest'
import { parityTable } from '../../bench/parity/table.ts'
import { inChromium, noChromium } from '../browser/chromium.ts'

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
