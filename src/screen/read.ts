// The crystals of a task as rows, with ids, in their order. What cannot be read is a row with its error.

import { createReadStream } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { overlapWarnings } from '../crystal/overlap.ts'
import { MAX_BYTES, readEntries, type StructureEntry } from '../crystal/read.ts'
import { entriesOfInput, predictable, systemError } from '../data/structure-files.ts'
import { CrystalOnnxError, LimitError, ParseError, StructureError } from '../errors.ts'
import { columnNames, openParquet } from '../parquet/open.ts'
import { rowsOfGroup } from '../parquet/rows.ts'
import type { Row } from './columns.ts'
import { fieldReader } from './fields.ts'
import type { Task } from './plan.ts'

type TaskOf<Kind extends Task['kind']> = Extract<Task, { kind: Kind }>

/** Rows that are read in one go. */
const BETWEEN = 50

/**
 * @param id the column, field or key that ids come from; where there is none, an id is file#index
 * @param skip rows that are passed over
 */
export async function* readTask(task: Task, id: string | undefined, skip = 0): AsyncGenerator<Row> {
  if (task.kind === 'parquet') return yield* parquetRows(task, id, skip)
  const rows = task.kind === 'text' ? textRows(task, id) : fileRows(task)
  let count = 0
  for await (const row of rows) {
    if (++count % BETWEEN === 0) await setImmediate()
    if (count > skip) yield row
  }
}

async function* fileRows({ files }: TaskOf<'files'>): AsyncGenerator<Row> {
  for (const input of files) {
    for await (const found of entriesOfInput(input)) yield rowOf(found.file, found.entry.index, found.entry)
  }
}

function rowOf(file: string, index: number, entry: StructureEntry, id = `${file}#${index}`): Row {
  return { id, file, index, warnings: entry.warnings, ...predictable({ file, entry }) }
}

async function* parquetRows(
  { file, group, first, rows }: TaskOf<'parquet'>,
  id: string | undefined,
  skip: number,
): AsyncGenerator<Row> {
  let index = first + skip
  const placed = (at: number) => ({ id: `${file}#${at}`, file, index: at, warnings: [] })
  try {
    const opened = await openParquet(file)
    try {
      const reader = fieldReader(file, columnNames(opened))
      const wanted = id === undefined ? reader.columns : [...new Set([...reader.columns, id])]
      for await (const piece of rowsOfGroup(opened, group, wanted, skip)) {
        for (const fields of piece) {
          const given = id === undefined ? undefined : idOf(fields[id])
          const row = { ...placed(index), ...(given !== undefined && { id: given }) }
          index++
          try {
            const structure = reader.read(fields)
            yield { ...row, structure, warnings: overlapWarnings(structure) }
          } catch (error) {
            yield { ...row, error: rowError(file, index - 1, error) }
          }
        }
      }
    } finally {
      await opened.handle.close()
    }
  } catch (error) {
    if (!(error instanceof CrystalOnnxError)) throw error
    for (; index < first + rows; index++) yield { ...placed(index), error }
  }
}

/** What a row of a table may hold is anything. */
function rowError(file: string, index: number, error: unknown): CrystalOnnxError {
  if (error instanceof ParseError) return new ParseError(error.message, { file: `${file} #${index}` })
  if (error instanceof CrystalOnnxError) return error
  return new StructureError(`${file} #${index}: ${(error as Error).message}`)
}

async function* textRows(task: TaskOf<'text'>, id: string | undefined): AsyncGenerator<Row> {
  const { file, format, first, from, to } = task
  if (from === to) return
  const lines = linesOf(file, createReadStream(file, { start: from, end: to - 1, highWaterMark: 2 ** 20 }))
  let index = first
  const placed = () => ({ id: `${file}#${index}`, file, index, warnings: [] })
  try {
    for await (const { text, linesBefore } of format === 'json'
      ? documentsOf(lines, task.linesBefore)
      : framesOf(lines, task.linesBefore)) {
      const entries = [...readEntries(text, { file, format, linesBefore })]
      const given =
        id === undefined ? undefined : idOf(format === 'json' ? fieldOf(text, id) : keyOf(text, id))
      const name = given ?? placed().id
      for (const [n, entry] of entries.entries()) {
        yield rowOf(file, index, entry, entries.length === 1 ? name : `${name}.${n}`)
      }
      index++
    }
  } catch (cause) {
    yield { ...placed(), error: cause instanceof CrystalOnnxError ? cause : systemError(file, cause) }
  }
}

interface Piece {
  readonly text: string
  readonly linesBefore: number
}

async function* documentsOf(lines: AsyncIterable<string>, linesBefore: number): AsyncGenerator<Piece> {
  let line = linesBefore
  for await (const text of lines) {
    if (text.trim() !== '') yield { text, linesBefore: line }
    line++
  }
}

/** Frames of extended XYZ; what follows one that does not say how long it is comes as one piece. */
async function* framesOf(lines: AsyncIterable<string>, linesBefore: number): AsyncGenerator<Piece> {
  let line = linesBefore
  let frame: string[] = []
  let wanted = 0
  for await (const text of lines) {
    line++
    if (wanted === 0 && text.trim() === '') continue
    if (wanted === 0) wanted = /^\s*\d{1,9}\s*$/.test(text) ? Number(text) + 2 : Number.POSITIVE_INFINITY
    frame.push(text)
    if (--wanted > 0) continue
    yield { text: frame.join('\n'), linesBefore: line - frame.length }
    frame = []
  }
  if (frame.length > 0) yield { text: frame.join('\n'), linesBefore: line - frame.length }
}

async function* linesOf(file: string, bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/)
    rest = lines.pop()!
    yield* lines
    if (rest.length > MAX_BYTES)
      throw new LimitError(`${file}: a line of more than ${MAX_BYTES / 2 ** 20} MiB; split it`)
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}

function fieldOf(line: string, name: string): unknown {
  try {
    return (JSON.parse(line) as Record<string, unknown> | null)?.[name]
  } catch {
    return undefined
  }
}

/** Of the line of a frame that describes it: `key=value`, `key="a value"`. */
function keyOf(frame: string, name: string): string | undefined {
  for (const [, key, , quoted, plain] of (frame.split('\n', 2)[1] ?? '').matchAll(
    /([\w.-]+)\s*=\s*("([^"]*)"|(\S+))|\S+/g,
  )) {
    if (key === name) return quoted ?? plain
  }
  return undefined
}

/** Undefined for what names nothing. */
function idOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}
