// The structures of a stream of any size: cut into texts of a few structures where the format allows it (frames of extended
// XYZ, data blocks of CIF, lines and elements of JSON, rows of CSV), which src/crystal reads one by one. Other formats are
// read whole, within its bound.

import { detectFormat } from '../crystal/detect.ts'
import { MAX_BYTES, type ReadOptions, readEntries, type StructureEntry } from '../crystal/read.ts'
import { CrystalOnnxError, DatasetError, LimitError } from '../errors.ts'
import { startsTable } from './formats/csv.ts'
import { csvRows } from './formats/csv-rows.ts'
import { structureField } from './formats/fields.ts'
import { jsonElements } from './formats/json-elements.ts'

/** What is read whole without further thought. */
const SMALL = 4 * 2 ** 20
/** Bytes of text that are read at a time. */
const PIECE = 2 ** 20

interface Piece {
  readonly text: string | Uint8Array
  readonly linesBefore: number
}

/** Every structure of a stream, good or bad; a stream that breaks is a failed entry. */
export async function* streamEntries(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<StructureEntry> {
  let index = 0
  try {
    for await (const { text, linesBefore, ...format } of piecesOf(file, chunks)) {
      for (const entry of readEntries(text, { file, ...format, linesBefore }))
        yield { ...entry, index: index++ }
    }
  } catch (error) {
    if (!(error instanceof CrystalOnnxError)) throw error
    yield { index, error, warnings: [] }
  }
}

async function* piecesOf(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Piece & Pick<ReadOptions, 'format'>> {
  const source = chunks[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let length = 0
  let ended = false
  while (length < SMALL && !ended) {
    const { value, done } = await source.next()
    ended = done === true
    if (value !== undefined && !done) {
      first.push(value)
      length += value.length
    }
  }
  const bytes = Buffer.concat(first)
  const head = bytes.toString('utf8', 0, 256 * 1024).replace(/^\uFEFF/, '')
  const isTable = /\.csv$/i.test(file) || (head.includes('\n') && startsTable(head))
  if (ended && !isTable) {
    yield { text: bytes, linesBefore: 0 }
    return
  }
  async function* whole(): AsyncGenerator<Buffer> {
    yield bytes
    for (let next = ended ? undefined : await source.next(); next && !next.done; next = await source.next()) {
      yield Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength)
    }
  }
  const format = isTable ? 'csv' : detectFormat(head.replaceAll('\r\n', '\n'), file)
  if (format === 'csv') yield* rows(file, whole())
  else if (format === 'extxyz') yield* cut(file, whole(), frames, format)
  else if (format === 'cif') yield* cut(file, whole(), blocks, format)
  else if (format === 'json' && isLines(head)) yield* cut(file, whole(), lines, format)
  else if (format === 'json' && !isOneStructure(head)) yield* elementsOf(file, whole())
  else yield { text: await gathered(file, whole()), linesBefore: 0 }
}

/** Whether the first line is a document of its own. */
function isLines(head: string): boolean {
  const [first, second = ''] = head.split('\n', 2)
  return /^\s*\{.*\}\s*$/.test(first) && /^\s*\{/.test(second)
}

/** Whether a document is one structure and not a list or a map of many. */
function isOneStructure(head: string): boolean {
  const before = String.raw`(?:"[^"]{1,40}"\s*:\s*(?:"[^"]{0,200}"|[-\d.eE+]+|null|true|false)\s*,\s*)*`
  return new RegExp(
    String.raw`^\s*\{\s*${before}"(?:lattice|lattice_mat|sites|frac|attributes|numbers)"`,
  ).test(head)
}

/** How much of a text, which goes on, makes whole structures; the rest waits for more. */
type Cutter = (text: string) => number

function lines(text: string): number {
  return text.lastIndexOf('\n') + 1
}

function frames(text: string): number {
  let whole = 0
  for (let at = 0; ; ) {
    const end = text.indexOf('\n', at)
    if (end === -1) return whole
    const first = text.slice(at, end).trim()
    at = end + 1
    if (first === '') continue
    // What is no frame is reported, with all that follows.
    if (!/^\d{1,9}$/.test(first)) return lines(text)
    for (let left = Number(first) + 1; left > 0; left--) {
      const end = text.indexOf('\n', at)
      if (end === -1) return whole
      at = end + 1
    }
    whole = at
  }
}

/** Up to the last line that begins a data block, outside of text fields. */
function blocks(text: string): number {
  let last = 0
  let inText = false
  // Not ^ of many lines, which other characters begin, too.
  for (const { 1: newline, 2: begins, index } of text.matchAll(/(^|\n)(;|data_)/gi)) {
    if (begins === ';') inText = !inText
    else if (!inText) last = index + newline.length
  }
  return last
}

async function* cut(
  file: string,
  chunks: AsyncIterable<Buffer>,
  cutter: Cutter,
  format: string,
): AsyncGenerator<Piece & Pick<ReadOptions, 'format'>> {
  const decoder = new TextDecoder()
  let text = ''
  let linesBefore = 0
  let wanted = PIECE
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length < wanted) continue
    if (text.includes('\r')) text = text.replaceAll('\r\n', '\n')
    const end = cutter(text)
    if (end === 0 && text.length > MAX_BYTES) throw tooLarge(file, linesBefore)
    // Where nothing could be cut, twice as much may do.
    wanted = end === 0 ? 2 * text.length : PIECE
    if (end === 0) continue
    yield { text: text.slice(0, end), linesBefore, format }
    linesBefore += linesIn(text, end)
    text = text.slice(end)
  }
  text += decoder.decode()
  if (text.trim() !== '') yield { text, linesBefore, format }
}

/** Ends of lines before `end`. */
function linesIn(text: string, end: number): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) count++
  return count
}

async function* elementsOf(file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Piece> {
  const columns: string[] = []
  const stream = { chunks, bytesRead: () => 0, fileBytes: 0 }
  for await (const { text, key, listed, line } of jsonElements(file, {}, stream)) {
    if (key === 'columns' && listed) columns.push(text)
    const isRow = text.startsWith('[') && key === 'data' && columns.length > 0
    if (isRow) yield { text: `{"columns":[${columns.join()}],"data":[${text}]}`, linesBefore: line - 1 }
    else if (text.startsWith('{') && key !== 'meta' && key !== 'links') yield { text, linesBefore: line - 1 }
  }
}

/** The cells of the column of structures. */
async function* rows(file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Piece> {
  let column: number | undefined
  for await (const { cells, line } of csvRows(file, {}, { chunks, bytesRead: () => 0, fileBytes: 0 })) {
    if (column !== undefined) {
      yield { text: cells[column] ?? '', linesBefore: line - 1 }
      continue
    }
    const names = cells.map((name) => name.trim())
    column = names.indexOf(structureField(names, undefined) ?? '\0')
    if (column === -1) {
      throw new DatasetError(
        `${file}, line 1: no column of structures; columns are: ${names.join(', ').slice(0, 300)}`,
      )
    }
  }
}

async function gathered(file: string, chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > MAX_BYTES) throw tooLarge(file, 0)
    pieces.push(chunk)
  }
  return Buffer.concat(pieces)
}

function tooLarge(file: string, line: number): LimitError {
  return new LimitError(
    `${file}, line ${line + 1}: more than ${MAX_BYTES / 2 ** 20} MiB in one structure; split it`,
  )
}
