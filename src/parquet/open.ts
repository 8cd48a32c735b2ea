// A Parquet file opened for reading: its footer, within bounds, and what its row groups and columns are. Rows are rows.ts.
// hyparquet is loaded with the first file.

import { type FileHandle, open } from 'node:fs/promises'
import type { Compressors, FileMetaData, SchemaTree } from 'hyparquet'
import { CrystalOnnxError, LimitError, ParseError } from '../errors.ts'
import { notFound } from '../not-found.ts'

/** Bytes of a footer at most. A file of 10,000 row groups of ten columns has some 10 MB. */
const FOOTER = 128 * 2 ** 20
/** Physical columns at most. */
const COLUMNS = 10_000
/** However alike rows are, they take some room. */
const ROWS_PER_BYTE = 64
const MAGIC = 'PAR1'
/** The length of the footer, and the mark behind it. */
const TAIL = 8

export interface RowGroupRange {
  /** The first row, counted in the file. */
  readonly start: number
  readonly rows: number
}

export interface ParquetFile {
  readonly path: string
  readonly handle: FileHandle
  readonly bytes: number
  readonly metadata: FileMetaData
  readonly schema: SchemaTree
  readonly groups: readonly RowGroupRange[]
  readonly compressors: Compressors
}

/** To be closed by the caller (`handle`). @throws ParseError for what is no Parquet file or a broken one; LimitError */
export async function openParquet(path: string): Promise<ParquetFile> {
  const handle = await opened(path)
  try {
    const { size } = await handle.stat()
    const footer = await footerOf(path, handle, size)
    const [{ parquetMetadata, parquetSchema }, { compressors }] = await Promise.all([
      import('hyparquet'),
      import('hyparquet-compressors'),
    ])
    return readable(path, () => {
      const metadata = parquetMetadata(footer, { geoparquet: false })
      const schema = parquetSchema(metadata)
      if (metadata.schema.some(({ name }) => typeof name !== 'string'))
        throw broken(path, 'a column without a name')
      const columns = metadata.row_groups[0]?.columns.length ?? 0
      if (columns > COLUMNS) throw new LimitError(`${path}: ${columns} columns, allowed are ${COLUMNS}`)
      return {
        path,
        handle,
        bytes: size,
        metadata,
        schema,
        groups: groupsOf(path, metadata, size),
        compressors,
      }
    })
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Names of the columns at the top. */
export function columnNames({ schema }: Pick<ParquetFile, 'schema'>): string[] {
  return schema.children.map(({ element }) => element.name)
}

/** What `action` gives; whatever goes wrong in it is the file's fault. @throws ParseError */
export function readable<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    if (cause instanceof CrystalOnnxError) throw cause
    throw broken(path, (cause as Error).message, cause)
  }
}

export function broken(path: string, why: string, cause?: unknown): ParseError {
  return new ParseError(
    `is a damaged Parquet file, or of a kind that is not known (${why}); write it again`,
    { file: path },
    { cause },
  )
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? notFound(path) : `cannot be opened: ${message}`
    throw new ParseError(why, { file: path }, { cause })
  }
}

/** The footer with what is behind it. */
async function footerOf(path: string, handle: FileHandle, size: number): Promise<ArrayBuffer> {
  if (size < MAGIC.length + TAIL) throw broken(path, `${size} bytes are too few`)
  const tail = await bytesAt(path, handle, size - TAIL, TAIL)
  const mark = Buffer.from(tail).toString('latin1', TAIL - MAGIC.length)
  if (mark !== MAGIC) throw broken(path, 'its end is missing: it was cut off, or is encrypted')
  const length = new DataView(tail).getUint32(0, true)
  if (length > FOOTER) {
    throw new LimitError(`${path}: a footer of ${length} bytes, allowed are ${FOOTER}; split the file`)
  }
  if (length + TAIL + MAGIC.length > size) throw broken(path, 'its footer is longer than the file')
  return bytesAt(path, handle, size - TAIL - length, length + TAIL)
}

/** @throws ParseError where the file ends before */
export async function bytesAt(
  path: string,
  handle: FileHandle,
  position: number,
  length: number,
): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(length))
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(bytes, at, length - at, position + at)
    if (bytesRead === 0) throw broken(path, 'it ends too early')
    at += bytesRead
  }
  return bytes.buffer
}

function groupsOf(path: string, { row_groups, num_rows }: FileMetaData, bytes: number): RowGroupRange[] {
  let start = 0
  const groups = row_groups.map(({ num_rows }) => {
    const rows = Number(num_rows)
    if (!(rows >= 0)) throw broken(path, `a row group of ${rows} rows`)
    const range = { start, rows }
    start += rows
    return range
  })
  if (start !== Number(num_rows)) throw broken(path, `${start} rows in its row groups, ${num_rows} in all`)
  if (start > ROWS_PER_BYTE * bytes) throw broken(path, `${start} rows in ${bytes} bytes`)
  return groups
}
