// A part being written: rows of cells in, bytes out, a bounded number of rows at a time. Parquet or JSON lines.

import type { Codec } from '../parquet/write.ts'
import { parquetPieces } from '../parquet/write.ts'
import { VERSION } from '../version.ts'
import type { Cell, Column, ColumnType } from './columns.ts'

export const FORMATS = ['parquet', 'jsonl'] as const
export type Format = (typeof FORMATS)[number]

/** The bytes of a part. */
export function partBytes(
  format: Format,
  codec: Codec,
  columns: readonly Column[],
  rows: AsyncIterable<readonly Cell[]>,
): AsyncIterable<Uint8Array | string> {
  return format === 'jsonl' ? jsonLines(columns, rows) : parquetOf(codec, columns, rows)
}

async function* jsonLines(
  columns: readonly Column[],
  rows: AsyncIterable<readonly Cell[]>,
): AsyncGenerator<string> {
  for await (const cells of rows) {
    yield `${JSON.stringify(Object.fromEntries(columns.map(({ name }, c) => [name, cells[c]])))}\n`
  }
}

const TYPES = {
  string: { type: 'STRING', lists: 0 },
  double: { type: 'DOUBLE', lists: 0 },
  integer: { type: 'INT32', lists: 0 },
  boolean: { type: 'BOOLEAN', lists: 0 },
  vectors: { type: 'DOUBLE', lists: 2 },
  integers: { type: 'INT32', lists: 1 },
} as const satisfies Record<ColumnType, unknown>

function parquetOf(codec: Codec, columns: readonly Column[], rows: AsyncIterable<readonly Cell[]>) {
  return parquetPieces(rows, {
    columns: columns.map(({ name, type }) => ({ name, ...TYPES[type] })),
    codec,
    createdBy: `crystal-onnx version ${VERSION}`,
    metadata: { 'crystal-onnx': JSON.stringify({ columns: describedColumns(columns) }) },
  })
}

/** What columns are, for metadata and manifest. */
export function describedColumns(
  columns: readonly Column[],
): Record<string, { type: ColumnType; unit: string | null; meaning: string }> {
  return Object.fromEntries(
    columns.map(({ name, type, unit, meaning }) => [name, { type, unit: unit ?? null, meaning }]),
  )
}
