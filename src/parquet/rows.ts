// The rows of a row group as objects, of the columns that are asked for. Memory holds a page of each column.

import type { DecodedArray, SchemaTree } from 'hyparquet/src/types.js'
import { broken, type ParquetFile, readable } from './open.ts'
import { type Leaf, leafRows } from './pages.ts'

export type ParquetRow = Readonly<Record<string, unknown>>

/** Rows that are put together at a time. */
const ROWS = 1000

interface Cursor {
  readonly leaf: Leaf
  readonly pages: AsyncGenerator<DecodedArray>
  rows: DecodedArray
  at: number
}

/**
 * The rows of a group, in pieces. Structs are objects, lists arrays; integers of 64 bits may be bigint.
 * @param skip rows that are passed over
 * @throws ParseError where the file is damaged; LimitError
 */
export async function* rowsOfGroup(
  file: ParquetFile,
  group: number,
  names: readonly string[],
  skip = 0,
): AsyncGenerator<ParquetRow[]> {
  const { assembleNested } = await import('hyparquet/src/assemble.js')
  const { DEFAULT_PARSERS } = await import('hyparquet/src/convert.js')
  const { getTreePath } = await import('hyparquet/src/schema.js')
  const { schema, metadata, groups, path } = file
  const columns = schema.children.filter(({ element }) => names.includes(element.name))
  const cursors = metadata.row_groups[group].columns.flatMap(({ meta_data: meta }): Cursor[] => {
    if (meta === undefined) throw broken(path, 'a column without its place')
    if (!names.includes(meta.path_in_schema[0])) return []
    const leaf = { meta, path: readable(path, () => getTreePath(schema, meta.path_in_schema)) }
    return [{ leaf, pages: leafRows(file, leaf), rows: [], at: 0 }]
  })
  let left = groups[group].rows
  let passing = skip
  try {
    while (left > 0) {
      let count = Math.min(left, ROWS)
      for (const cursor of cursors) {
        await fill(cursor, path)
        count = Math.min(count, cursor.rows.length - cursor.at)
      }
      const isPassed = passing > 0
      if (isPassed) count = Math.min(count, passing)
      const taken = new Map<string, DecodedArray>()
      for (const cursor of cursors) {
        if (!isPassed) {
          taken.set(
            cursor.leaf.meta.path_in_schema.join('.'),
            cursor.rows.slice(cursor.at, cursor.at + count),
          )
        }
        cursor.at += count
      }
      left -= count
      if (isPassed) passing -= count
      else yield readable(path, () => assembled(columns, taken, count))
    }
  } finally {
    for (const { pages } of cursors) await pages.return(undefined)
  }

  function assembled(
    columns: readonly SchemaTree[],
    taken: Map<string, DecodedArray>,
    count: number,
  ): ParquetRow[] {
    for (const column of columns)
      if (column.children.length > 0) assembleNested(taken, column, DEFAULT_PARSERS)
    const values = columns.map(({ element }) => [element.name, taken.get(element.name)!] as const)
    return Array.from({ length: count }, (_, r) =>
      Object.fromEntries(values.map(([name, column]) => [name, column[r]])),
    )
  }
}

async function fill(cursor: Cursor, path: string): Promise<void> {
  while (cursor.at >= cursor.rows.length) {
    const { value, done } = await cursor.pages.next()
    if (done) throw broken(path, `column ${cursor.leaf.meta.path_in_schema.join('.')} has too few rows`)
    cursor.rows = value
    cursor.at = 0
  }
}
