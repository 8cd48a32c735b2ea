// Whole screenings, models opened and summary written, by one worker and by several, beside predictMany of the same crystals in
// memory on as many cores; and whether the workers' memory stays what it is.

import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { load } from '../runtimes/node/load.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { median } from '../src/math/median.ts'
import { type ScreenOptions, screen } from '../src/screen/screen.ts'
import { childrenOf, usageOf } from './processes.ts'

export interface WholeScreening {
  readonly how: 'predictMany in memory' | 'screen'
  /** cores of the one, workers of the other */
  readonly workers: number
  /** Everything on one core; otherwise one worker keeps more than one busy. */
  readonly isHeld: boolean
  /** median of the passes */
  readonly seconds: number
  /** of the workers together in the fourth and the last tenth of the time, MB; undefined where there is no /proc */
  readonly memory_mb?: readonly [early: number, late: number]
}

export interface WholeOptions {
  readonly crystals: readonly Structure[]
  readonly model: string
  readonly workers: number
  readonly passes: number
  /** for what is written */
  readonly folder: string
  readonly screening: (out: string, workers: number) => ScreenOptions
}

/** How often memory is looked at, ms. */
const LOOK = 250

export async function wholeScreenings(
  { crystals, model, workers, passes, folder, screening }: WholeOptions,
  onProgress: (message: string) => void,
): Promise<WholeScreening[]> {
  const cores = `0-${availableParallelism() - 1}`
  const found: WholeScreening[] = []
  const loaded = await load(model, { device: 'cpu', threads: workers })
  const inMemory = await timed(passes, async (pass) => {
    onProgress(`in memory, pass ${pass + 1}`)
    for await (const _ of loaded.predictMany(crystals, { level: 0.9 })) {
      // Nothing is kept of it.
    }
  })
  await loaded.dispose()
  found.push({ how: 'predictMany in memory', workers, isHeld: false, seconds: inMemory })
  for (const [count, isHeld] of [
    [1, true],
    [1, false],
    [workers, false],
  ] as const) {
    if (!onCores(isHeld ? '0' : cores) && isHeld) continue
    const seen: number[] = []
    const look = setInterval(() => {
      const bytes = childrenOf(process.pid)?.flatMap((pid) => usageOf(pid)?.bytes ?? [])
      if (bytes && bytes.length > 0) seen.push(bytes.reduce((sum, one) => sum + one) / 2 ** 20)
    }, LOOK)
    const seconds = await timed(passes, async (pass) => {
      onProgress(`${count} workers${isHeld ? ' on one core' : ''}, pass ${pass + 1}`)
      seen.length = 0
      await screen(screening(join(folder, `out-${count}-${isHeld}-${pass}`), count))
    })
    clearInterval(look)
    const inTenth = (n: number) => {
      const [from, to] = [n, n + 1].map((tenths) => Math.floor((tenths * seen.length) / 10))
      return median(seen.slice(from, Math.max(to, from + 1)))
    }
    found.push({
      ...{ how: 'screen', workers: count, isHeld, seconds },
      ...(seen.length > 0 && { memory_mb: [inTenth(3), inTenth(9)] }),
    })
  }
  return found
}

async function timed(passes: number, work: (pass: number) => Promise<void>): Promise<number> {
  const seconds: number[] = []
  for (let pass = 0; pass < passes; pass++) {
    const start = performance.now()
    await work(pass)
    seconds.push((performance.now() - start) / 1000)
  }
  return median(seconds)
}

/** Holds this process and what it starts to some cores; false where the system has no command for it. */
function onCores(list: string): boolean {
  return spawnSync('taskset', ['-a', '-c', '-p', list, String(process.pid)], { stdio: 'ignore' }).status === 0
}
