// What more cores give: predictions of the mixes one by one, and many at a time on one core and on several; and of one
// large cell alone. Tables, copies between threads and gathering included.

import type { Model } from '../runtimes/model.ts'
import { load } from '../runtimes/node/load.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { median } from '../src/math/median.ts'
import { exportFullSize, fullSizeWeights } from './inference.ts'
import { growingCells, mixes } from './workload.ts'

/** Passes before anything is measured: in them, the workers start. */
const WARM = 5

export interface CoresResult {
  readonly crystals: string
  readonly how: 'one by one' | 'many' | 'one cell'
  readonly threads: number
  /** medians of the passes */
  readonly ms: number
  /** processor time of all threads */
  readonly cpu_ms: number
  /** crystals that are refused: in some of the mixes atoms lie in each other */
  readonly refused: number
}

type Task = Pick<CoresResult, 'crystals' | 'how' | 'threads'> & { readonly run: () => Promise<number> }

export async function benchCores(
  { passes, threads }: { readonly passes: number; readonly threads: number },
  onProgress: (message: string) => void,
): Promise<CoresResult[]> {
  onProgress('exporting')
  const { weights } = fullSizeWeights()
  const { bytes } = await exportFullSize(weights)
  const one = await load(bytes, { device: 'cpu', threads: 1 })
  const all = await load(bytes, { device: 'cpu', threads })
  const { crystal: cell, atoms } = growingCells().at(-1)!
  const workload = mixes().mixes
  const both = workload.flatMap(({ crystals }) => crystals)
  const tasks: Task[] = [...workload, { name: 'both', crystals: both }].flatMap(({ name, crystals }) => [
    { crystals: name, how: 'one by one' as const, threads: 1, run: () => oneByOne(one, crystals) },
    { crystals: name, how: 'many' as const, threads: 1, run: () => many(one, crystals) },
    { crystals: name, how: 'many' as const, threads, run: () => many(all, crystals) },
  ])
  const single = { crystals: `${atoms} atoms`, how: 'one cell' as const }
  tasks.push({ ...single, threads: 1, run: () => oneByOne(one, [cell]) })
  tasks.push({ ...single, threads, run: () => oneByOne(all, [cell]) })

  onProgress('starting workers')
  for (let pass = 0; pass < WARM; pass++) for (const model of [one, all]) await many(model, both)
  const times = tasks.map((): { ms: number; cpu: number; refused: number }[] => [])
  for (let pass = 0; pass < passes; pass++) {
    onProgress(`pass ${pass + 1} of ${passes}`)
    for (const [n, { run }] of tasks.entries()) {
      const [cpu, start] = [process.cpuUsage(), performance.now()]
      const refused = await run()
      const { user, system } = process.cpuUsage(cpu)
      times[n].push({ ms: performance.now() - start, cpu: (user + system) / 1000, refused })
    }
  }
  await one.dispose()
  await all.dispose()
  return tasks.map(({ run: _, ...task }, n) => ({
    ...task,
    ms: median(times[n].map(({ ms }) => ms)),
    cpu_ms: median(times[n].map(({ cpu }) => cpu)),
    refused: times[n][0].refused,
  }))
}

/** @returns how many are refused */
async function oneByOne(model: Model, crystals: readonly Structure[]): Promise<number> {
  let refused = 0
  for (const crystal of crystals) await model.predict(crystal).catch(() => refused++)
  return refused
}

/** @returns how many are refused */
async function many(model: Model, crystals: readonly Structure[]): Promise<number> {
  let refused = 0
  for await (const { error } of model.predictMany(crystals)) if (error) refused++
  return refused
}
