// One physical column of a row group, page by page, so that memory holds a page of each column whatever the size of the row
// group: readers of whole column chunks need gigabytes for the row groups of a million rows that pyarrow writes.

import type { ColumnMetaData, DecodedArray, PageHeader, SchemaTree } from 'hyparquet/src/types.js'
import { LimitError } from '../errors.ts'
import { broken, bytesAt, type ParquetFile, readable } from './open.ts'

/** Bytes of a page at most, packed and unpacked; writers make them of 1 MB. */
const PAGE = 256 * 2 ** 20
/** Bytes that are read at a time: most pages of a column, and any header. */
const WINDOW = 2 ** 20
/** A header has statistics of two values in it at most. */
const HEADER = 64 * 1024

/** A column of a row group. */
export interface Leaf {
  readonly meta: ColumnMetaData
  /** From the root of the schema to the column. */
  readonly path: SchemaTree[]
}

/** Rows of a column, a page at a time; lists are nested arrays. A row is never cut. @throws ParseError, LimitError */
export async function* leafRows(file: ParquetFile, { meta, path }: Leaf): AsyncGenerator<DecodedArray> {
  const { parquetHeader, readPage } = await import('hyparquet/src/column.js')
  const { convert, DEFAULT_PARSERS } = await import('hyparquet/src/convert.js')
  const { getMaxRepetitionLevel } = await import('hyparquet/src/schema.js')
  const { checkedPage } = await import('./check-page.ts')
  const decoder = {
    ...meta,
    ...{ pathInSchema: meta.path_in_schema, element: path.at(-1)!.element, schemaPath: path },
    compressors: file.compressors,
    // A column of JSON is read by those who know what it holds.
    parsers: { ...DEFAULT_PARSERS, jsonFromBytes: (bytes: Uint8Array) => new TextDecoder().decode(bytes) },
  }
  const isNested = getMaxRepetitionLevel(path) > 0
  const window = windowOf(file, meta)
  let dictionary: DecodedArray | undefined
  let pending: DecodedArray | undefined
  let left = Number(meta.num_values)
  while (left > 0) {
    const bytes = await window.bytes(HEADER)
    if (bytes === undefined) throw broken(file.path, `column ${meta.path_in_schema.join('.')} ends too early`)
    const reader = { view: bytes, offset: 0 }
    const header = readable(file.path, () => parquetHeader(reader))
    const size = sizeOf(file.path, header)
    window.skip(reader.offset)
    const packed = await window.bytes(size)
    if (packed === undefined || packed.byteLength < size) throw broken(file.path, 'a page ends too early')
    window.skip(size)
    const values = (header.data_page_header ?? header.data_page_header_v2)?.num_values ?? 0
    // Writers leave pages without values, too.
    if (header.type !== 'DICTIONARY_PAGE' && values === 0) continue
    const { data } = readable(file.path, () => {
      const page = checkedPage(new Uint8Array(packed.buffer, packed.byteOffset, size), header, decoder)
      const { buffer, byteOffset, byteLength } = page.bytes
      const reader = { view: new DataView(buffer, byteOffset, byteLength), offset: 0 }
      const plain = { ...decoder, codec: 'UNCOMPRESSED' as const }
      return readPage(reader, page.header, plain, dictionary, isNested ? pending : undefined, 0)
    })
    if (header.type === 'DICTIONARY_PAGE') {
      dictionary = readable(file.path, () => convert(data!, decoder))
      continue
    }
    left -= values
    if (!isNested || data === undefined) {
      if (data !== undefined) yield data
      continue
    }
    // The last row may go on in the next page.
    const whole = (data as unknown[]).slice(0, -1)
    pending = (data as unknown[]).slice(-1)
    if (whole.length > 0) yield whole
  }
  if (pending !== undefined) yield pending
}

function sizeOf(path: string, header: PageHeader): number {
  const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header
  for (const size of [packed, unpacked]) {
    if (size > PAGE) throw new LimitError(`${path}: a page of ${size} bytes, allowed are ${PAGE}`)
    if (!(size >= 0)) throw broken(path, `a page of ${size} bytes`)
  }
  return packed
}

/** Bytes of a column chunk from a place that moves on; undefined at its end. */
function windowOf({ path, handle, bytes: size }: ParquetFile, meta: ColumnMetaData) {
  const { dictionary_page_offset: dictionary, data_page_offset: data } = meta
  let at = Number(dictionary !== undefined && dictionary > 0n && dictionary < data ? dictionary : data)
  const end = at + Number(meta.total_compressed_size)
  if (!(at >= 0 && end <= size)) throw broken(path, `column ${meta.path_in_schema.join('.')} lies outside`)
  let held = { from: at, view: new DataView(new ArrayBuffer(0)) }
  return {
    /** So many bytes; fewer at the end of the chunk. */
    async bytes(count: number): Promise<DataView | undefined> {
      const wanted = Math.min(count, end - at)
      if (wanted <= 0) return count === 0 ? new DataView(new ArrayBuffer(0)) : undefined
      if (at + wanted > held.from + held.view.byteLength) {
        const length = Math.min(Math.max(WINDOW, wanted), end - at)
        held = { from: at, view: new DataView(await bytesAt(path, handle, at, length)) }
      }
      return new DataView(held.view.buffer, at - held.from, wanted)
    },
    skip(count: number): void {
      at += count
    },
  }
}
