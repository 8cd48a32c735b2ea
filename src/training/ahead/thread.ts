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
    const made = places.map((place) => prepareCrystalOf(readRecord(place), prepare))
    const { crystals, memory } = inOnePiece(made)
    port.postMessage({ crystals } satisfies AheadAnswer, [memory])
  } catch (error) {
    port.postMessage({ error: (error as Error).message } satisfies AheadAnswer)
  }
})

/** The same crystals with their arrays in one piece of memory, which goes over instead of being copied. */
function inOnePiece(crystals: readonly FedCrystal[]): { crystals: FedCrystal[]; memory: ArrayBuffer } {
  let bytes = 0
  const measure = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) bytes += aligned(value.byteLength)
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(measure)
  }
  crystals.forEach(measure)
  const memory = new ArrayBuffer(bytes)
  let at = 0
  const moved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(moved)
    if (ArrayBuffer.isView(value)) {
      const array = value as Float64Array<ArrayBuffer>
      const copy = new (array.constructor as Float64ArrayConstructor)(memory, at, array.length)
      copy.set(array)
      at += aligned(array.byteLength)
      return copy
    }
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, moved(part)]))
  }
  return { crystals: crystals.map((crystal) => moved(crystal) as FedCrystal), memory }
}

/** Arrays of doubles begin at multiples of eight bytes. */
function aligned(bytes: number): number {
  return 8 * Math.ceil(bytes / 8)
}
