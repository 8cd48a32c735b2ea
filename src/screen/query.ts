// SQL over what a screening wrote: DuckDB, an optional peer, on a view of the finished parts. It loads no extension, and so asks
// nothing of the network. Not here: what comes of the rows.

import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api'
import { ConfigError, ScreenError } from '../errors.ts'
import { writeWholeBy } from '../files.ts'
import { needingPackages } from '../missing-package.ts'
import type { ColumnType } from './columns.ts'
import { finishedParts, type Manifest, partPath, readManifest } from './manifest.ts'

/** Ends of the names that an output may have, and what DuckDB calls them. */
const WRITTEN = {
  '.parquet': 'format parquet, compression zstd',
  '.csv': 'format csv, header true',
  '.jsonl': 'format json',
} as const

/** Types of columns as DuckDB reads them from JSON. */
const SQL_TYPES = {
  string: 'VARCHAR',
  double: 'DOUBLE',
  integer: 'INTEGER',
  boolean: 'BOOLEAN',
  vectors: 'DOUBLE[][]',
  integers: 'INTEGER[]',
} as const satisfies Record<ColumnType, string>

/** @throws ConfigError for a name that says of no format */
export function checkQueryOutput(path: string): void {
  formatOf(path)
}

/**
 * Rows of a query, by the names of its columns, as they come; whole numbers beyond 2⁵³ as texts.
 * @param folder that `screen` writes or wrote; its parts are the table `results`
 * @throws ScreenError for another folder; ConfigError for what DuckDB refuses; PlatformError where it is not installed
 */
export async function* queryRows(folder: string, sql: string): AsyncGenerator<Record<string, unknown>> {
  const { connection, close } = await opened(folder)
  try {
    const result = await refusals(() => connection.stream(sql))
    const pieces = result.yieldRowObjectJs()
    for (;;) {
      const { value: rows, done } = await refusals(() => pieces.next())
      if (done) return
      for (const row of rows) yield plain(row) as Record<string, unknown>
    }
  } finally {
    close()
  }
}

/**
 * The rows in a file, Parquet with Zstandard, CSV or JSON lines by its name; Parquet has the units of the columns that keep
 * their names.
 * @throws as queryRows; OutputError
 */
export async function writeQuery(folder: string, sql: string, path: string): Promise<void> {
  const { connection, manifest, close } = await opened(folder)
  try {
    const names = await refusals(async () => columnsOf(await connection.prepare(sql)))
    await writeWholeBy(path, (temporary) =>
      refusals(async () => {
        const layout = `${formatOf(path)}${path.endsWith('.parquet') ? metadata(manifest, names) : ''}`
        const query = sql.trim().replace(/;$/, '')
        await connection.run(`copy (${query}\n) to ${quoted(temporary)} (${layout}, use_tmp_file false)`)
      }),
    )
  } finally {
    close()
  }
}

async function opened(folder: string) {
  const manifest = await readManifest(folder)
  const { options } = manifest
  const parts = await finishedParts(folder, options.format)
  if (parts.length === 0) throw new ScreenError(`${folder}: no part is finished yet`)
  const { DuckDBInstance } = await needingPackages(() => import('@duckdb/node-api'))
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection: DuckDBConnection = await instance.connect()
  // What would be a pattern in the name of the folder is meant as it stands.
  const paths = parts.map((part) => quoted(partPath(folder, part, options.format).replace(/[*?[]/g, '[$&]')))
  const files = `[${paths.join(', ')}]`
  const columns = Object.entries(manifest.columns).map(
    ([name, { type }]) => `${quoted(name)}: ${quoted(SQL_TYPES[type as ColumnType])}`,
  )
  const reader =
    options.format === 'parquet'
      ? `read_parquet(${files})`
      : `read_json(${files}, format = 'newline_delimited', columns = {${columns.join(', ')}})`
  await connection.run(`create view results as from ${reader}`)
  return {
    ...{ connection, manifest },
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

function columnsOf(statement: DuckDBPreparedStatement): string[] {
  return Array.from({ length: statement.columnCount }, (_, n) => statement.columnName(n))
}

function formatOf(path: string): string {
  const found = Object.entries(WRITTEN).find(([end]) => path.endsWith(end))
  if (found) return found[1]
  throw new ConfigError(`${path}: expected a name that ends in ${Object.keys(WRITTEN).join(', ')}`)
}

/** As parts have it, of the columns that are theirs. */
function metadata({ columns }: Manifest, names: readonly string[]): string {
  const kept = Object.entries(columns).filter(([name]) => names.includes(name))
  return `, kv_metadata {'crystal-onnx': ${quoted(JSON.stringify({ columns: Object.fromEntries(kept) }))}}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** What DuckDB throws are plain errors, which say what is wrong with a statement and where in it. */
async function refusals<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new ConfigError(`DuckDB: ${(cause as Error).message.trim()}`, { cause })
  }
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}
