// Reading the rows of one table of a SQLite 3 file (https://www.sqlite.org/fileformat2.html) without the library: tables of
// row ids, records and their overflow pages. Not here: indices, tables without row ids, journals, writing.

import { ParseError } from '../../errors.ts'

export type SqliteValue = number | string | Uint8Array | null

export function isSqlite(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 16)) === 'SQLite format 3\0'
}

/**
 * The rows of a table, by the names of its columns.
 * @throws ParseError when there is no such table, or the file is damaged
 */
export function* sqliteRows(
  bytes: Uint8Array,
  table: string,
  file: string | undefined,
): Generator<ReadonlyMap<string, SqliteValue>> {
  const pages = new SqliteFile(bytes, file)
  for (const [type, name, , root, sql] of pages.rows(1)) {
    if (type !== 'table' || name !== table || typeof root !== 'number' || typeof sql !== 'string') continue
    const columns = columnsOf(sql)
    for (const values of pages.rows(root))
      yield new Map(columns.map((column, i) => [column, values[i] ?? null]))
    return
  }
  throw pages.fail(`the database has no table ${table}: is it one of ASE?`)
}

/** Names of `CREATE TABLE x (id INTEGER …, numbers BLOB, …)`; what follows its columns are constraints. */
function columnsOf(sql: string): string[] {
  const plain = sql.replace(/--[^\n]*/g, '')
  const list = plain.slice(plain.indexOf('(') + 1).split(',')
  return list.map((column) =>
    column
      .trim()
      .split(/\s+/)[0]
      .replace(/["'`[\]]/g, ''),
  )
}

/** Kinds of pages of tables. */
const [INTERIOR, LEAF] = [5, 13]

class SqliteFile {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #file: string | undefined
  readonly #pageSize: number
  /** Bytes of a page that hold content. */
  readonly #usable: number
  readonly #encoding: string

  constructor(bytes: Uint8Array, file: string | undefined) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#file = file
    if (bytes.length < 512) throw this.fail('the database is cut off')
    const size = this.#view.getUint16(16)
    this.#pageSize = size === 1 ? 65_536 : size
    this.#usable = this.#pageSize - bytes[20]
    this.#encoding = ['utf-8', 'utf-8', 'utf-16le', 'utf-16be'][this.#view.getUint32(56)] ?? 'utf-8'
    if (this.#pageSize < 512 || this.#usable < 480) throw this.fail(`pages of ${this.#pageSize} bytes`)
  }

  fail(message: string): ParseError {
    return new ParseError(message, { file: this.#file, line: 1 })
  }

  /** The records of the table with its root on a page, in the order of their ids. */
  *rows(root: number): Generator<SqliteValue[]> {
    const seen = new Set<number>()
    const waiting = [root]
    while (waiting.length > 0) {
      const page = waiting.pop()!
      if (seen.has(page)) throw this.fail(`the database is damaged: page ${page} stands in itself`)
      seen.add(page)
      const start = this.#place(page)
      const head = start + (page === 1 ? 100 : 0)
      const kind = this.#bytes[head]
      const cells = this.#view.getUint16(head + 3)
      const pointers = head + (kind === INTERIOR ? 12 : 8)
      if ((kind !== INTERIOR && kind !== LEAF) || pointers + 2 * cells > start + this.#pageSize) {
        throw this.fail(`the database is damaged: page ${page} is none of a table`)
      }
      const places = Array.from({ length: cells }, (_, i) => start + this.#view.getUint16(pointers + 2 * i))
      if (kind === LEAF) for (const at of places) yield this.#record(this.#payload(at, start))
      else {
        waiting.push(this.#view.getUint32(head + 8))
        for (const at of places.reverse()) waiting.push(this.#uint32(at))
      }
    }
  }

  #place(page: number): number {
    const start = (page - 1) * this.#pageSize
    if (page < 1 || start + this.#pageSize > this.#bytes.length) {
      throw this.fail(`the database is damaged or cut off: there is no page ${page}`)
    }
    return start
  }

  #uint32(at: number): number {
    if (at + 4 > this.#bytes.length) throw this.fail('the database is damaged or cut off')
    return this.#view.getUint32(at)
  }

  /** The bytes of a record, those on overflow pages included. */
  #payload(at: number, start: number): Uint8Array {
    const [length, idAt] = this.#varint(this.#bytes, at)
    const [, dataAt] = this.#varint(this.#bytes, idAt)
    if (length > this.#bytes.length) throw this.fail(`the database is damaged: a record of ${length} bytes`)
    const most = this.#usable - 35
    const least = Math.floor(((this.#usable - 12) * 32) / 255) - 23
    const wanted = least + ((length - least) % (this.#usable - 4))
    const local = length <= most ? length : wanted <= most ? wanted : least
    if (dataAt + local > start + this.#pageSize)
      throw this.fail('the database is damaged: a record leaves its page')
    if (local === length) return this.#bytes.subarray(dataAt, dataAt + length)
    const payload = new Uint8Array(length)
    payload.set(this.#bytes.subarray(dataAt, dataAt + local))
    let next = this.#uint32(dataAt + local)
    for (let filled = local; filled < length; ) {
      const place = this.#place(next)
      const part = this.#bytes.subarray(place + 4, place + 4 + Math.min(this.#usable - 4, length - filled))
      payload.set(part, filled)
      filled += part.length
      next = this.#uint32(place)
    }
    return payload
  }

  #record(payload: Uint8Array): SqliteValue[] {
    const [headLength, first] = this.#varint(payload, 0)
    if (headLength > payload.length)
      throw this.fail('the database is damaged: the head of a record leaves it')
    const values: SqliteValue[] = []
    let body = headLength
    for (let at = first; at < headLength; ) {
      const [type, next] = this.#varint(payload, at)
      at = next
      const length =
        type >= 12 ? (type - (type % 2 === 0 ? 12 : 13)) / 2 : ([0, 1, 2, 3, 4, 6, 8, 8][type] ?? 0)
      if (body + length > payload.length)
        throw this.fail('the database is damaged: a value leaves its record')
      values.push(this.#value(type, payload.subarray(body, body + length)))
      body += length
    }
    return values
  }

  #value(type: number, bytes: Uint8Array): SqliteValue {
    if (type === 0) return null
    if (type >= 12) return type % 2 === 0 ? bytes.slice() : new TextDecoder(this.#encoding).decode(bytes)
    if (type === 7) return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0)
    if (type >= 8) return type - 8
    return bytes.reduce((value, byte, i) => (i === 0 ? (byte << 24) >> 24 : value * 256 + byte), 0)
  }

  /** A number of up to nine bytes, and where it ends. */
  #varint(bytes: Uint8Array, at: number): [value: number, end: number] {
    let value = 0
    for (let i = 0; i < 9; i++) {
      const byte = bytes[at + i]
      if (byte === undefined) throw this.fail('the database is damaged or cut off')
      if (i === 8) return [value * 256 + byte, at + 9]
      value = value * 128 + (byte & 127)
      if (byte < 128) return [value, at + i + 1]
    }
    return [value, at]
  }
}
