// Parquet written as it comes: row groups of a bounded size, Snappy or Zstandard. Columns of texts, numbers and truths, and
// lists of them, each of which may be null.

import * as zlib from 'node:zlib'
import type { SchemaElement } from 'hyparquet-writer'
import { ConfigError } from '../errors.ts'

export const CODECS = ['snappy', 'zstd', 'none'] as const
export type Codec = (typeof CODECS)[number]

export interface ParquetColumn {
  readonly name: string
  readonly type: 'STRING' | 'DOUBLE' | 'INT32' | 'BOOLEAN'
  /** How deep in lists. */
  readonly lists: 0 | 1 | 2
}

export interface ParquetLayout {
  readonly columns: readonly ParquetColumn[]
  readonly codec: Codec
  /** Of the schema, by key. */
  readonly metadata: Readonly<Record<string, string>>
  readonly createdBy: string
}

/** Rows of a row group: readers take one at a time. */
const GROUP = 8192
const NAMES = { snappy: 'SNAPPY', zstd: 'ZSTD', none: 'UNCOMPRESSED' } as const

/** @throws ConfigError for a codec that is not here */
export function checkCodec(codec: Codec): void {
  if (codec === 'zstd') zstd()
}

/** The bytes of a file with these rows; a cell for each column, null where there is nothing. */
export async function* parquetPieces(
  rows: AsyncIterable<readonly unknown[]>,
  { columns, codec, metadata, createdBy }: ParquetLayout,
): AsyncGenerator<Uint8Array> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer')
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'schema', num_children: columns.length }, ...columns.flatMap(schemaOf)],
    codec: NAMES[codec],
    compressors: codec === 'zstd' ? { ZSTD: zstd() } : undefined,
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    createdBy,
  })
  /** What was written since the last time. */
  const taken = () => {
    const piece = new Uint8Array(bytes.buffer, 0, bytes.index).slice()
    bytes.index = 0
    return piece
  }
  let group = columns.map((): unknown[] => [])
  const write = async () => {
    const columnData = columns.map(({ name }, c) => ({ name, data: group[c] }))
    await writer.write({ columnData, rowGroupSize: GROUP })
    group = columns.map(() => [])
    return taken()
  }
  for await (const cells of rows) {
    for (const [c, cell] of cells.entries()) group[c].push(cell)
    if (group[0].length === GROUP) yield await write()
  }
  if (group[0].length > 0) yield await write()
  await writer.finish()
  yield taken()
}

/** As Arrow reads and writes lists: `name.list.element`. */
function schemaOf({ name, type, lists }: ParquetColumn): SchemaElement[] {
  if (lists > 0) {
    const [inner, ...rest] = schemaOf({ name: 'element', type, lists: (lists - 1) as 0 | 1 })
    return [
      {
        name,
        repetition_type: 'OPTIONAL',
        num_children: 1,
        converted_type: 'LIST',
        logical_type: { type: 'LIST' },
      },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      inner,
      ...rest,
    ]
  }
  if (type !== 'STRING') return [{ name, type, repetition_type: 'OPTIONAL' }]
  const text = { converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const
  return [{ name, type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL', ...text }]
}

type Compress = (bytes: Uint8Array) => Uint8Array

/** Node has it from 22.15 on. */
function zstd(): Compress {
  const { zstdCompressSync } = zlib as { zstdCompressSync?: Compress }
  if (zstdCompressSync) return zstdCompressSync
  throw new ConfigError(
    `zstd needs Node 22.15 or newer, this is ${process.version}; use snappy, and write all of it packed so afterwards: ` +
      'crystal-onnx query OUT "from results" -o all.parquet',
  )
}
