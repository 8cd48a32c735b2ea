// A screening from inputs to results: the model, the plan, the folder, workers, and the summary once nothing is left to do.

import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeviceChoice } from '../../runtimes/choose-device.ts'
import type { EngineChoice } from '../../runtimes/engine-name.ts'
import type { Model } from '../../runtimes/model.ts'
import type { NodeDevice } from '../../runtimes/node/devices.ts'
import { load } from '../../runtimes/node/load.ts'
import { readModel } from '../../runtimes/node/source.ts'
import { usableCores } from '../cores.ts'
import { ScreenError } from '../errors.ts'
import { isHeld, lockFolder } from '../files/lock.ts'
import { checkCodec } from '../parquet/write.ts'
import { VERSION } from '../version.ts'
import { agree, finishedParts, type Manifest, type PartRecord } from './manifest.ts'
import { screenTask } from './part.ts'
import { countOf, isOf, type Plan, planOf, type Shard } from './plan.ts'
import { rowCounter } from './row-counter.ts'
import { partOptions, type Settings } from './settings.ts'
import { describedColumns } from './sink.ts'
import { type Summary, type SummaryOptions, writeSummary } from './summary.ts'
import type { Job } from './worker-protocol.ts'
import { workSideBySide } from './workers.ts'

export interface ScreenOptions extends Settings, SummaryOptions {
  readonly inputs: readonly string[]
  /** A model file, or the name of one that comes with the package. */
  readonly model: string
  readonly device: DeviceChoice
  readonly engine: EngineChoice
  /** Cores. */
  readonly workers?: number
  readonly shard?: Shard
  /** Called when the work begins: what ends it. What is finished stays. */
  readonly interruptible?: () => AbortSignal
  readonly onWarning: (message: string) => void
  readonly onProgress?: (progress: ScreenProgress) => void
  readonly onPart?: (record: PartRecord) => void
}

export interface ScreenProgress {
  /** Crystals, those of finished parts included. */
  readonly done: number
  readonly failed: number
  /** Crystals of this call. */
  readonly now: number
  /** From 0 to 1. */
  readonly share: number
}

export interface ScreenResult {
  /** Of this shard, those of earlier calls included. */
  readonly read: number
  readonly rows: number
  readonly failed: number
  readonly parts: number
  /** Parts that were there already. */
  readonly skipped: number
  /** Once all shards are done. */
  readonly summary: Summary | undefined
}

/**
 * Screens, or goes on where an earlier call was ended.
 * @throws ScreenError for a folder of another screening, or one that is being written; ModelFileError, OutputError
 */
export async function screen(options: ScreenOptions): Promise<ScreenResult> {
  const { folder, shard = { i: 1, n: 1 }, workers = usableCores() } = options
  checkCodec(options.codec)
  const source = await readModel(options.model)
  const { device, engine, onWarning } = options
  const model = await load(source.bytes, { device, engine, threads: workers, onWarning })
  try {
    const settings = settingsOf(options)
    const parts = partOptions(settings, model.card)
    const plan = await planOf(options.inputs, options)
    const lock = await lockShard(folder, shard)
    try {
      await agree(folder, manifestOf(source, model, options, plan))
      const before = await finishedParts(folder, options.format)
      const tally = new Tally(plan, shard, before)
      const jobs = jobsOf(plan, shard, before)
      const onRows = (count: number, failed: number) => {
        lock.touch()
        options.onProgress?.(tally.add(count, failed))
      }
      const onPart = (record: PartRecord) => {
        tally.finish(record)
        options.onPart?.(record)
      }
      const signal = options.interruptible?.()
      // A GPU is one, and busy with one process.
      const count = model.device === 'cpu' ? Math.min(workers, jobs.length) : 1
      if (count <= 1) {
        const counter = rowCounter(onRows)
        for (const job of jobs) await screenTask(model, job, parts, { onRows: counter.add, onPart }, signal)
        counter.flush()
      } else {
        await model.dispose()
        await workSideBySide(
          jobs,
          count,
          {
            model: source.bytes,
            ...{ device: model.device as NodeDevice, engine: model.engine, settings },
            threads: Math.max(1, Math.floor(workers / count)),
          },
          { onRows, onPart },
          signal,
        )
      }
      const records = await finishedParts(folder, options.format)
      const isWhole = jobsOf(plan, { i: 1, n: 1 }, records).length === 0
      const summary = isWhole
        ? await writeSummary(folder, records, parts.columns, model.card, options, signal)
        : undefined
      return { ...tally.result(), summary }
    } finally {
      await lock.release()
    }
  } finally {
    await model.dispose()
  }
}

function settingsOf({ folder, format, codec, rows, id, level, columns, filter }: ScreenOptions): Settings {
  return { folder, format, codec, rows, id, level, columns, filter }
}

function manifestOf(
  { bytes, file }: { readonly bytes: Uint8Array; readonly file: string },
  { card }: Model,
  { format, codec, rows, id, filter, level, columns: names }: ScreenOptions,
  { files, bytes: size, tasks, digest }: Plan,
): Manifest {
  const { columns } = partOptions(
    { folder: '', format, codec, rows, id, level, columns: names, filter },
    card,
  )
  return {
    format: 1,
    version: VERSION,
    model: {
      ...{ file, sha256: createHash('sha256').update(bytes).digest('hex') },
      targets: card.targets.map(({ name, unit }) => ({ name, unit })),
    },
    options: {
      ...{ format, codec, rows, level, id: id ?? null, filter: filter ?? null },
      columns: columns.map(({ name }) => name),
    },
    inputs: { files, bytes: size, tasks: tasks.length, digest },
    columns: describedColumns(columns),
  }
}

/** What is left to do of a shard. */
function jobsOf({ tasks }: Plan, shard: Shard, records: readonly PartRecord[]): Job[] {
  const finished = new Map<number, PartRecord[]>()
  for (const record of records) finished.set(record.task, [...(finished.get(record.task) ?? []), record])
  return tasks.flatMap((task, number) => {
    const own = finished.get(number) ?? []
    const isDone = own.every(({ part }, n) => part === n) && own.at(-1)?.last === true
    return isDone || !isOf(number, shard) ? [] : [{ task, number, finished: own }]
  })
}

const LOCK = /^shard-(\d+)-of-(\d+)\.lock\.json$/

/** Two screenings that do the same work, in part or as a whole, are refused. */
async function lockShard(folder: string, { i, n }: Shard) {
  const refusal = (who: string) =>
    new ScreenError(
      `${who} screens into ${folder} already; wait for it to end, or choose another folder` +
        (n > 1 ? ` (it is shard ${i}/${n}, too)` : ''),
    )
  const lock = await lockFolder(folder, { name: `shard-${i}-of-${n}.lock.json`, refusal })
  for (const name of await readdir(folder)) {
    const [, other, count] = LOCK.exec(name) ?? []
    if (count === undefined || Number(count) === n || !(await isHeld(join(folder, name)))) continue
    await lock.release()
    throw new ScreenError(
      `another process screens into ${folder} already, as shard ${other}/${count}, which overlaps with ${i}/${n}; divide the ` +
        'inputs in the same way everywhere, or wait for it to end',
    )
  }
  return lock
}

/** Counts of a shard. */
class Tally {
  readonly #total: number
  readonly #tasks: number
  #rows = { done: 0, failed: 0, now: 0 }
  #finishedTasks = 0
  #result = { read: 0, rows: 0, failed: 0, parts: 0, skipped: 0 }

  constructor({ tasks }: Plan, shard: Shard, before: readonly PartRecord[]) {
    const own = tasks.filter((_, number) => isOf(number, shard))
    const counts = own.map(countOf)
    this.#tasks = own.length
    this.#total = counts.reduce((sum: number, count) => sum + (count ?? Number.NaN), 0)
    for (const record of before) {
      if (!isOf(record.task, shard)) continue
      this.finish(record)
      this.#result.skipped++
      this.#rows.done += record.read
      this.#rows.failed += record.failed
    }
  }

  add(count: number, failed: number): ScreenProgress {
    this.#rows.done += count
    this.#rows.now += count
    this.#rows.failed += failed
    const { done } = this.#rows
    const share = this.#total > 0 ? done / this.#total : this.#finishedTasks / this.#tasks
    return { ...this.#rows, share: Math.min(1, share) }
  }

  finish({ read, rows, failed, last }: PartRecord): void {
    if (last) this.#finishedTasks++
    this.#result.parts++
    this.#result.read += read
    this.#result.rows += rows
    this.#result.failed += failed
  }

  result() {
    return this.#result
  }
}
