// A prediction after the process has sat idle: in worker threads and in the calling one, and, as a yardstick, a loop of the same
// length of plain arithmetic, which shows what the processor and the system make of idling.

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { formationEnergy } from '../models/pretrained/addresses.ts'
import { load } from '../runtimes/node/load.ts'
import { readStructures } from '../src/crystal/read.ts'
import { median } from '../src/math/median.ts'

const CRYSTAL = fileURLToPath(new URL('../examples/structures/NaCl.cif', import.meta.url))
/** Numbers that the model reads for a prediction. */
const WEIGHTS = 853_517
/** Predictions that warm everything up. */
const WARM = 300

export interface IdleResult {
  readonly place: 'worker' | 'calling thread' | 'plain arithmetic' | 'reading memory'
  readonly seconds: number
  /** median */
  readonly us: number
  /** to no idling, in the same pass, median over the passes */
  readonly ratio: number
}

/** @param seconds idled before a call; 0 goes first */
export async function benchIdle(
  { passes, seconds }: { passes: number; seconds: readonly number[] },
  note: (message: string) => void,
): Promise<IdleResult[]> {
  const [{ structure }] = readStructures(readFileSync(CRYSTAL), { file: CRYSTAL })
  const apart = await load(formationEnergy, { threads: 1, engine: 'fused' })
  const here = await load(formationEnergy, { worker: false, threads: 1, engine: 'fused' })
  const memory = new Float32Array(WEIGHTS).fill(1)
  const places = {
    worker: () => apart.predict(structure),
    'calling thread': () => here.predict(structure),
    'plain arithmetic': async () => arithmetic(),
    'reading memory': async () => sumOf(memory),
  }
  const warmUp = async (calls: number) => {
    for (let n = 0; n < calls; n++) for (const call of Object.values(places)) await call()
  }
  await warmUp(WARM)
  const times: { place: IdleResult['place']; idle: number; us: number[] }[] = []
  const order = Object.keys(places) as IdleResult['place'][]
  for (const place of order) for (const idle of seconds) times.push({ place, idle, us: [] })
  for (let pass = 0; pass < passes; pass++) {
    for (const idle of seconds) {
      await (idle === 0 ? warmUp(WARM / 10) : sleep(1000 * idle))
      for (const place of order) {
        const start = performance.now()
        await places[place]()
        times
          .find((row) => row.place === place && row.idle === idle)!
          .us.push(1000 * (performance.now() - start))
      }
    }
    // All have sat idle together; the first to be called wakes the processor up for the others.
    order.push(order.shift()!)
    note(`pass ${pass + 1} of ${passes}`)
  }
  await Promise.all([apart.dispose(), here.dispose()])
  return times.map(({ place, idle, us }) => {
    const first = times.find((row) => row.place === place)!
    return { place, seconds: idle, us: median(us), ratio: median(us.map((t, n) => t / first.us[n])) }
  })
}

/** Reads what the caches may have lost. */
function sumOf(memory: Float32Array): number {
  let sum = 0
  for (let n = 0; n < memory.length; n += 16) sum += memory[n]
  return sum
}

/** About as long as a prediction. */
function arithmetic(): number {
  let sum = 0
  for (let n = 1; n < 400_000; n++) sum += 1 / n
  return sum
}
