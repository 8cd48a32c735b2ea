// What a screening costs beside the predictions in it: reading, tables and run, columns and writing, on one core in one process,
// in turns with predictMany of the same crystals in memory; and whole screenings (screening-whole.ts).

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Model } from '../runtimes/model.ts'
import { load } from '../runtimes/node/load.ts'
import type { Outcome } from '../runtimes/predict.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { loadDataset } from '../src/data/dataset.ts'
import { generateIonicDataset } from '../src/data/ionic/generate.ts'
import { median } from '../src/math/median.ts'
import { parquetPieces } from '../src/parquet/write.ts'
import type { Row } from '../src/screen/columns.ts'
import { placesIn } from '../src/screen/manifest.ts'
import { type PartOptions, screenTask } from '../src/screen/part.ts'
import { planOf, type Task } from '../src/screen/plan.ts'
import { readTask } from '../src/screen/read.ts'
import type { ScreenOptions } from '../src/screen/screen.ts'
import { partOptions, type Settings } from '../src/screen/settings.ts'
import { partBytes } from '../src/screen/sink.ts'
import { type WholeScreening, wholeScreenings } from './screening-whole.ts'

const PART = 5000

export interface ScreeningResult {
  readonly crystals: number
  /** One core; medians of the passes, processor time. */
  readonly inputs: readonly {
    readonly input: string
    readonly ms_per_crystal: {
      /** predictMany of the crystals in memory: tables and run. */
      readonly memory: number
      /** Everything, from file to file. */
      readonly screen: number
      readonly read: number
      readonly write: number
    }
    /** Crystals a second of the screening over those in memory. */
    readonly ratio: number
  }[]
  readonly whole: readonly WholeScreening[]
  /** Of this process, after everything. */
  readonly resident_mb: number
}

export async function benchScreening(
  options: {
    readonly crystals: number
    /** of labelled crystals, which are taken again until there are enough; by default, made-up ones */
    readonly data?: string
    readonly passes: number
    readonly workers: number
    readonly model: string
    /** one of the two alone */
    readonly only?: 'parts' | 'whole'
  },
  onProgress: (message: string) => void,
): Promise<ScreeningResult> {
  const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-bench-'))
  try {
    onProgress('making crystals')
    const crystals = await crystalsOf(options)
    const files = await inputsIn(folder, crystals)
    const inputs = options.only === 'whole' ? [] : await partsOf(files, folder, options, onProgress)
    const whole =
      options.only === 'parts'
        ? []
        : await wholeScreenings(
            {
              ...options,
              crystals,
              folder,
              screening: (out, workers) => screening(join(folder, files[0]), out, options.model, workers),
            },
            onProgress,
          )
    return { crystals: options.crystals, inputs, whole, resident_mb: process.memoryUsage().rss / 2 ** 20 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What each part of a screening of a file takes. */
async function partsOf(
  files: readonly string[],
  folder: string,
  options: { readonly crystals: number; readonly passes: number; readonly model: string },
  onProgress: (message: string) => void,
): Promise<ScreeningResult['inputs']> {
  const inputs: ScreeningResult['inputs'][number][] = []
  const model = await load(options.model, { device: 'cpu', threads: 1, worker: false })
  for (const file of files) {
    const times = {
      memory: [] as number[],
      screen: [] as number[],
      read: [] as number[],
      write: [] as number[],
    }
    // The first pass warms up.
    for (let pass = 0; pass <= options.passes; pass++) {
      onProgress(`${file}, pass ${pass} of ${options.passes}`)
      const measured = await once(model, join(folder, file), folder)
      if (pass > 0)
        for (const key of Object.keys(times) as (keyof typeof times)[]) times[key].push(measured[key])
    }
    const of = (list: readonly number[]) => median(list) / options.crystals
    const ms = {
      memory: of(times.memory),
      screen: of(times.screen),
      read: of(times.read),
      write: of(times.write),
    }
    inputs.push({ input: file, ms_per_crystal: ms, ratio: ms.memory / ms.screen })
  }
  await model.dispose()
  return inputs
}

async function once(model: Model, path: string, folder: string) {
  const { tasks } = await planOf([path], { rows: PART, id: undefined })
  let start = cpuMs()
  const rows: Row[] = []
  for (const task of tasks) for await (const row of readTask(task, undefined)) rows.push(row)
  const read = cpuMs() - start
  const structures = rows.flatMap(({ structure }) => structure ?? [])
  start = cpuMs()
  const predictions: Outcome[] = []
  for await (const prediction of model.predictMany(streamed(structures), { level: 0.9 }))
    predictions.push(prediction)
  const memory = cpuMs() - start
  const { parts, done } = placesIn(join(folder, 'pass'))
  for (const place of [parts, done]) mkdirSync(place, { recursive: true })
  const options = partOptions({ ...SETTINGS, folder: join(folder, 'pass') }, model.card)
  start = cpuMs()
  await all(model, tasks, options)
  const whole = cpuMs() - start
  start = cpuMs()
  const cells = rows.map((row, n) => {
    const { error: _, ...prediction } = predictions[n]
    return options.columns.map((column) => column.of({ row, prediction: prediction as never }))
  })
  for await (const _ of partBytes('parquet', 'snappy', options.columns, streamed(cells))) {
    // What goes to the disk is little.
  }
  const write = cpuMs() - start
  rmSync(join(folder, 'pass'), { recursive: true })
  return { memory, screen: whole, read, write }
}

const SETTINGS = {
  ...{ format: 'parquet', codec: 'snappy', rows: PART, level: 0.9 },
  ...{ id: undefined, columns: undefined, filter: undefined },
} satisfies Omit<Settings, 'folder'>

async function all(model: Model, tasks: readonly Task[], options: PartOptions): Promise<void> {
  for (const [number, task] of tasks.entries()) {
    await screenTask(model, { task, number, finished: [] }, options, { onRows() {}, onPart() {} })
  }
}

function screening(input: string, folder: string, model: string, workers: number): ScreenOptions {
  // Pieces enough for every worker.
  return {
    ...{ ...SETTINGS, rows: 500, inputs: [input], folder, model, workers },
    ...{ device: 'cpu', engine: 'auto', top: 100, highest: false, onWarning: () => {} },
  }
}

async function crystalsOf({ crystals: count, data }: { readonly crystals: number; readonly data?: string }) {
  const all = data === undefined ? generateIonicDataset({ count, seed: 1 }) : await loadDataset(data)
  const some = [...all].map(({ structure }) => structure)
  return Array.from({ length: count }, (_, n) => some[n % some.length])
}

/** The same crystals as Parquet and as JSON lines. */
async function inputsIn(folder: string, crystals: readonly Structure[]): Promise<string[]> {
  const fields = crystals.map(({ lattice, frac, species }) => ({
    lattice,
    frac,
    numbers: species.map(([{ element }]) => element),
  }))
  writeFileSync(
    join(folder, 'crystals.jsonl'),
    fields.map((crystal) => `${JSON.stringify(crystal)}\n`).join(''),
  )
  const columns = [
    { name: 'lattice', type: 'DOUBLE', lists: 2 },
    { name: 'frac', type: 'DOUBLE', lists: 2 },
    { name: 'numbers', type: 'INT32', lists: 1 },
  ] as const
  const cells = streamed(fields.map(({ lattice, frac, numbers }) => [lattice, frac, numbers]))
  const pieces: Uint8Array[] = []
  const layout = { columns, codec: 'snappy', metadata: {}, createdBy: 'bench' } as const
  for await (const piece of parquetPieces(cells, layout)) pieces.push(piece)
  writeFileSync(join(folder, 'crystals.parquet'), Buffer.concat(pieces))
  return ['crystals.jsonl', 'crystals.parquet']
}

async function* streamed<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
