// A task, part by part: read, predict, filter, write under a temporary name, flush, rename, and then the record that says so.
// A part that has its record is passed over.

import { stat } from 'node:fs/promises'
import { answered } from '../../runtimes/answered.ts'
import type { Model } from '../../runtimes/model.ts'
import { CrystalOnnxError } from '../errors.ts'
import { writeWhole } from '../files.ts'
import type { Codec } from '../parquet/write.ts'
import type { Cell, Column, Row, Screened } from './columns.ts'
import type { Filter } from './filter.ts'
import { type PartRecord, partPath, writeRecord } from './manifest.ts'
import type { Task } from './plan.ts'
import { readTask } from './read.ts'
import { type Format, partBytes } from './sink.ts'

export interface PartOptions {
  readonly folder: string
  readonly format: Format
  readonly codec: Codec
  /** Crystals of a part at most. */
  readonly rows: number
  readonly id: string | undefined
  readonly level: number
  readonly columns: readonly Column[]
  /** Rows of failed crystals are kept, whatever it says. */
  readonly filter: Filter | undefined
}

export interface PartListener {
  /** Crystals that were answered since the last call. */
  readonly onRows: (count: number, failed: number) => void
  readonly onPart: (record: PartRecord) => void
}

/**
 * Screens what is left of a task.
 * @param finished its finished parts, in their order
 * @throws OutputError, DeviceError, the reason of the signal
 */
export async function screenTask(
  model: Model,
  {
    task,
    number,
    finished,
  }: { readonly task: Task; readonly number: number; readonly finished: readonly PartRecord[] },
  options: PartOptions,
  { onRows, onPart }: PartListener,
  signal?: AbortSignal,
): Promise<void> {
  const done = finished.filter(({ part }, n) => part === n)
  if (done.at(-1)?.last) return
  const skip = done.reduce((sum, { read }) => sum + read, 0)
  const source = new Lookahead(readTask(task, options.id, skip))
  try {
    let part = done.length
    let last: boolean
    do {
      const counts = { read: 0, rows: 0, failed: 0 }
      const path = partPath(options.folder, { task: number, part }, options.format)
      const cells = cellsOf(model, source, options, counts, onRows, signal)
      await writeWhole(path, partBytes(options.format, options.codec, options.columns, cells))
      last = await source.isDone()
      const { size: bytes } = await stat(path)
      const { device, engine } = model
      const record = { task: number, part: part++, last, ...counts, bytes, device, engine }
      await writeRecord(options.folder, record)
      onPart(record)
    } while (!last)
  } finally {
    await source.return()
  }
}

async function* cellsOf(
  model: Model,
  source: Lookahead<Row>,
  { rows, level, columns, filter }: PartOptions,
  counts: { read: number; rows: number; failed: number },
  onRows: PartListener['onRows'],
  signal: AbortSignal | undefined,
): AsyncGenerator<Cell[]> {
  const asked = answered(source.take(rows), (structures) => model.predictMany(structures, { level, signal }))
  for await (const { input: row, result: prediction, error } of asked) {
    if (error !== undefined && !(error instanceof CrystalOnnxError)) throw error
    const screened: Screened = { row, prediction, error }
    counts.read++
    if (error) counts.failed++
    onRows(1, error ? 1 : 0)
    if (!error && filter && !filter((column) => column.of(screened))) continue
    counts.rows++
    yield columns.map((column) => column.of(screened))
  }
}

/** What is read one ahead, so that its end is known in time. */
class Lookahead<T> {
  readonly #source: AsyncGenerator<T>
  #next: Promise<IteratorResult<T>> | undefined

  constructor(source: AsyncGenerator<T>) {
    this.#source = source
  }

  async isDone(): Promise<boolean> {
    this.#next ??= this.#source.next()
    return (await this.#next).done === true
  }

  async *take(most: number): AsyncGenerator<T> {
    for (let n = 0; n < most && !(await this.isDone()); n++) {
      const { value } = await this.#next!
      this.#next = undefined
      yield value
    }
  }

  async return(): Promise<void> {
    await this.#source.return(undefined)
  }
}
