// A thread that reads crystals from the disk and prepares them while others compute. It knows no network and loads no
// TensorFlow.js.

import { parentPort, workerData } from 'node:worker_threads'
import { readRecord } from '../../data/stored/open.ts'
import { type FedCrystal, preparedAs } from '../../engines/preparation.ts'
import { prepareCrystalOf } from '../feed-crystal.ts'
import type { AheadAnswer, AheadData, AheadTask } from './protocol.ts'

const port = parentPort!
const prepare = preparedAs((workerData as AheadData).preparation)

port.on('message', (places: AheadTask) => {
  try {
    const crystals = places.map((place) => prepareCrystalOf(readRecord(place), prepare))
    port.postMessage({ crystals } satisfies AheadAnswer, buffersOf(crystals))
  } catch (error) {
    port.postMessage({ error: (error as Error).message } satisfies AheadAnswer)
  }
})

/** The memory of crystals, which goes over instead of being copied; each piece once. */
function buffersOf(crystals: readonly FedCrystal[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  const visit = (value: object): void => {
    for (const part of Object.values(value)) {
      if (ArrayBuffer.isView(part)) {
        if (part.buffer instanceof ArrayBuffer) buffers.add(part.buffer)
      } else if (typeof part === 'object' && part !== null) visit(part)
    }
  }
  for (const crystal of crystals) visit(crystal)
  return [...buffers]
}
