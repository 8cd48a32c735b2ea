// A page unpacked, and looked at before it is decoded. The decoder trusts counts in the data: a run that says a billion values
// would be written out. Here every run of levels and of places in a dictionary is held against the number of values.

import { decompressPage } from 'hyparquet/src/datapage.js'
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from 'hyparquet/src/schema.js'
import type { ColumnDecoder, PageHeader } from 'hyparquet/src/types.js'

/** Values of a page at most. */
const VALUES = 2 ** 24

/** The page without compression, with the header of such a one. @throws Error for one that contradicts itself */
export function checkedPage(
  packed: Uint8Array,
  header: PageHeader,
  decoder: ColumnDecoder,
): { readonly bytes: Uint8Array; readonly header: PageHeader } {
  const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = header
  const values = (v1 ?? v2 ?? dictionary)?.num_values ?? -1
  if (!(values >= 0 && values <= VALUES)) throw new Error(`a page of ${values} values`)
  const repetition = getMaxRepetitionLevel(decoder.schemaPath)
  const definition = getMaxDefinitionLevel(decoder.schemaPath)
  const { uncompressed_page_size: size } = header
  if (v2) {
    const levels = v2.repetition_levels_byte_length + v2.definition_levels_byte_length
    if (!(levels >= 0 && v2.repetition_levels_byte_length >= 0 && levels <= packed.length)) {
      throw new Error(`levels of ${levels} bytes`)
    }
    const rest = packed.subarray(levels)
    const content = v2.is_compressed === false ? rest : unpacked(rest, size - levels, decoder)
    const bytes = joined(packed.subarray(0, levels), content)
    const reader = { bytes, at: 0 }
    if (repetition > 0) checkRuns(reader, width(repetition), values, v2.repetition_levels_byte_length)
    if (definition > 0) checkRuns({ bytes, at: v2.repetition_levels_byte_length }, width(definition), values)
    reader.at = levels
    if (isDictionary(v2.encoding)) checkPlaces(reader, values)
    return {
      bytes,
      header: {
        ...header,
        compressed_page_size: bytes.length,
        uncompressed_page_size: bytes.length,
        data_page_header_v2: { ...v2, is_compressed: false },
      },
    }
  }
  const bytes = unpacked(packed, size, decoder)
  if (dictionary && values > 8 * bytes.length) throw new Error(`a dictionary of ${values} values`)
  if (v1) {
    const reader = { bytes, at: 0 }
    for (const most of [repetition, definition]) if (most > 0) checkLevels(reader, most, values)
    if (isDictionary(v1.encoding)) checkPlaces(reader, values)
  }
  return {
    bytes,
    header: { ...header, compressed_page_size: bytes.length, uncompressed_page_size: bytes.length },
  }
}

interface Reader {
  readonly bytes: Uint8Array
  at: number
}

function unpacked(packed: Uint8Array, size: number, { codec, compressors }: ColumnDecoder): Uint8Array {
  return decompressPage(packed, size, codec, compressors)
}

function joined(head: Uint8Array, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + rest.length)
  bytes.set(head)
  bytes.set(rest, head.length)
  return bytes
}

function isDictionary(encoding: string): boolean {
  return encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY'
}

/** Bits of numbers up to this one. */
function width(most: number): number {
  return 32 - Math.clz32(most)
}

/** Levels with their length before them; leaves the reader behind them. */
function checkLevels(reader: Reader, most: number, values: number): void {
  const { bytes, at } = reader
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true)
  if (length > bytes.length - at - 4) throw new Error(`levels of ${length} bytes`)
  checkRuns({ bytes, at: at + 4 }, width(most), values)
  reader.at = at + 4 + length
}

/** Of a dictionary; how many there are is known after the levels, and no more than all values. */
function checkPlaces(reader: Reader, values: number): void {
  const { bytes, at } = reader
  if (at >= bytes.length) return
  const bits = bytes[at]
  if (bits > 32) throw new Error(`places of ${bits} bits`)
  if (bits > 0) checkRuns({ bytes, at: at + 1 }, bits, values, bytes.length - at - 1)
}

/**
 * Runs of the hybrid of run lengths and packed bits, until there are enough values or their bytes end.
 * @param length bytes of them, where it is known
 */
function checkRuns(reader: Reader, bits: number, values: number, length = Number.POSITIVE_INFINITY): void {
  const end = Math.min(reader.bytes.length, reader.at + length)
  for (let seen = 0; seen < values && reader.at < end; ) {
    const head = variable(reader)
    const isPacked = head % 2 === 1
    const count = isPacked ? Math.floor(head / 2) * 8 : head / 2
    // Packed runs come in eights, the last of them filled up.
    if (count === 0 || count > values - seen + (isPacked ? 504 : 0))
      throw new Error(`a run of ${count} values`)
    reader.at += isPacked ? (count / 8) * bits : Math.ceil(bits / 8)
    seen += count
  }
}

function variable(reader: Reader): number {
  let value = 0
  for (let shift = 1; ; shift *= 128) {
    const byte = reader.bytes[reader.at++]
    if (byte === undefined || shift > 2 ** 28) throw new Error('a run without its length')
    value += (byte & 127) * shift
    if (byte < 128) return value
  }
}
