// What there is to do, in a fixed order: stretches of the inputs, each read from its beginning to its end by one worker, that
// follow from the inputs and the rows of a part alone. So every shard, and every restart, makes the same plan.

import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { packingOf } from '../data/members.ts'
import { isStructureFile, structureFilesIn } from '../data/structure-files.ts'
import { CrystalOnnxError, ScreenError } from '../errors.ts'
import { columnNames, openParquet } from '../parquet/open.ts'
import { fieldReader } from './fields.ts'
import { indexText, type Stretch, type TextFormat } from './text-index.ts'

export type Task =
  /** A row group. */
  | {
      readonly kind: 'parquet'
      readonly file: string
      readonly group: number
      readonly first: number
      readonly rows: number
    }
  | ({ readonly kind: 'text'; readonly file: string; readonly format: TextFormat } & Stretch)
  /** Whole files of any form, archives among them. */
  | { readonly kind: 'files'; readonly files: readonly string[] }

export interface Plan {
  readonly tasks: readonly Task[]
  readonly files: number
  readonly bytes: number
  /** Crystals, where they can be counted without reading them. */
  readonly crystals: number | undefined
  /** Changes when the inputs do. */
  readonly digest: string
}

/** Small files that are read together: a part would be too little for one. */
const TOGETHER = 16 * 2 ** 20
const HEAD = 512
const PARQUET = /\.(?:parquet|pq)$/i
const TEXTS: readonly (readonly [RegExp, TextFormat])[] = [
  [/\.(?:jsonl|ndjson)$/i, 'json'],
  [/\.(?:xyz|extxyz)$/i, 'extxyz'],
]

/**
 * @param inputs files and folders, as they were named; `-` for standard input
 * @param rows of a part
 * @param id the column that ids come from, which Parquet files must have
 */
export async function planOf(
  inputs: readonly string[],
  { rows, id }: { readonly rows: number; readonly id: string | undefined },
): Promise<Plan> {
  const tasks: Task[] = []
  const digest = createHash('sha256')
  let [files, total] = [0, 0]
  let together: string[] = []
  let small = 0
  const flush = () => {
    if (together.length > 0) tasks.push({ kind: 'files', files: together })
    together = []
    small = 0
  }
  for await (const file of namedFiles(inputs)) {
    const bytes = sizeOf(file)
    files++
    total += bytes ?? 0
    digest.update(JSON.stringify([file, bytes ?? null]))
    const own = await tasksOf(file, rows, id)
    if (own !== undefined) {
      flush()
      tasks.push(...own)
    } else if (bytes === undefined || bytes > TOGETHER) {
      flush()
      tasks.push({ kind: 'files', files: [file] })
    } else {
      if (together.length === rows || small + bytes > TOGETHER) flush()
      together.push(file)
      small += bytes
    }
  }
  flush()
  digest.update(JSON.stringify(tasks.map(countOf)))
  const counts = tasks.map(countOf)
  const crystals = counts.every((count) => count !== undefined)
    ? counts.reduce((sum: number, count) => sum + count!, 0)
    : undefined
  return { tasks, files, bytes: total, crystals, digest: digest.digest('hex') }
}

/** Crystals of a task, where they were counted. */
export function countOf(task: Task): number | undefined {
  if (task.kind === 'files') return undefined
  return task.kind === 'parquet' ? task.rows : task.count
}

/** Shard i of n, counted from 1. */
export interface Shard {
  readonly i: number
  readonly n: number
}

/** Whether a task is a shard's: every n-th, so that shards are alike where neighbours in the input are. */
export function isOf(task: number, { i, n }: Shard): boolean {
  return task % n === i - 1
}

async function* namedFiles(inputs: readonly string[]): AsyncGenerator<string> {
  const isWanted = (name: string) => PARQUET.test(name) || isStructureFile(name)
  for (const input of inputs) {
    const isFolder = input !== '-' && statSync(input, { throwIfNoEntry: false })?.isDirectory()
    if (!isFolder) {
      yield input
      continue
    }
    const found = await structureFilesIn(input, isWanted)
    // Said where it is read.
    yield* found.length > 0 ? found : [input]
  }
}

/** Undefined for what is no regular file. */
function sizeOf(file: string): number | undefined {
  const found = file === '-' ? undefined : statSync(file, { throwIfNoEntry: false })
  return found?.isFile() ? found.size : undefined
}

/** Stretches of a file that can be divided; undefined for others, and for those that cannot be read. */
async function tasksOf(file: string, rows: number, id: string | undefined): Promise<Task[] | undefined> {
  if (PARQUET.test(file)) return parquetTasks(file, id)
  const [, format] = TEXTS.find(([ending]) => ending.test(file)) ?? []
  if (format === undefined || (await isPacked(file)) !== false) return undefined
  const stretches = await indexText(file, format, rows)
  return stretches.map((stretch) => ({ kind: 'text', file, format, ...stretch }))
}

async function parquetTasks(file: string, id: string | undefined): Promise<Task[] | undefined> {
  let opened: Awaited<ReturnType<typeof openParquet>>
  try {
    opened = await openParquet(file)
  } catch (error) {
    // A row with the error says it.
    if (error instanceof CrystalOnnxError) return undefined
    throw error
  }
  await opened.handle.close()
  const names = columnNames(opened)
  fieldReader(file, names)
  if (id !== undefined && !names.includes(id)) {
    throw new ScreenError(
      `${file}: no column "${id}" for --id; columns are ${names.join(', ').slice(0, 300)}`,
    )
  }
  return opened.groups.map(({ start, rows }, group) => ({ kind: 'parquet', file, group, first: start, rows }))
}

/** Undefined for a file that cannot be read. */
async function isPacked(file: string): Promise<boolean | undefined> {
  const handle = await open(file).catch(() => undefined)
  if (handle === undefined) return undefined
  try {
    if (!(await handle.stat()).isFile()) return undefined
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0)
    return packingOf(buffer.subarray(0, bytesRead)) !== undefined
  } finally {
    await handle.close()
  }
}
