// Cuts a JSON document into the texts of its elements while it streams by: those of a top-level array, or those of the
// arrays in a top-level object, and the objects in it. Each text is then a small document for JSON.parse. A document of
// gigabytes never is in memory, and NaN, which Python writes and strict streaming parsers stop at, stays the business of
// whoever parses the text.

import { DatasetError, LimitError } from '../../errors.ts'
import { type ByteStream, type FileLimits, LINE_BYTES, openBytes } from '../bytes.ts'

export interface JsonElement {
  readonly text: string
  /** Name of the member of the top-level object that it is, or whose array it stands in. */
  readonly key?: string
  /** Whether it stands in an array, at the top or under `key`. */
  readonly listed: boolean
  /** Line of the file it starts on, from 1. */
  readonly line: number
  readonly bytesRead: number
  readonly fileBytes: number
}

const [QUOTE, BACKSLASH, COMMA, COLON, NEWLINE] = [0x22, 0x5c, 0x2c, 0x3a, 0x0a]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

/** Where between elements the reader stands. */
type Place = 'start' | 'list' | 'key' | 'value' | 'list of key' | 'end'

/**
 * @param stream instead of the file at `path`
 * @throws DatasetError for text that is no JSON array or object, or that is cut off; LimitError for an element longer
 * than `limits.lineBytes`.
 */
export async function* jsonElements(
  path: string,
  limits: FileLimits = {},
  stream?: ByteStream,
): AsyncGenerator<JsonElement> {
  const { lineBytes = LINE_BYTES } = limits
  const { chunks, bytesRead, fileBytes } = stream ?? (await openBytes(path, limits))
  let place = 'start' as Place
  let line = 1
  let key: string | undefined
  // Of the element being cut out: what was read of it in earlier chunks, its nesting, and whether inside a string.
  let pieces: Buffer[] = []
  let length = 0
  let startLine = 1
  let depth = 0
  let kind: 'none' | 'nested' | 'string' | 'bare' = 'none'
  let quoted = false
  let escaped = false

  for await (const chunk of chunks) {
    let from = 0
    let i = 0
    while (i < chunk.length) {
      const byte = chunk[i]
      if (byte === NEWLINE) line++
      if (kind === 'none') {
        if (byte > 0x20 && !between(byte)) {
          kind = byte === OPEN_OBJECT || byte === OPEN_LIST ? 'nested' : byte === QUOTE ? 'string' : 'bare'
          quoted = byte === QUOTE
          depth = kind === 'nested' ? 1 : 0
          from = i
          startLine = line
        }
        i++
        continue
      }
      if (quoted) {
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) quoted = false
        i++
        if (quoted || kind !== 'string') continue
      } else if (kind === 'nested') {
        if (byte === QUOTE) quoted = true
        else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++
        else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth--
        i++
        if (depth > 0) continue
      } else if (byte > 0x20 && byte !== COMMA && byte !== CLOSE_LIST && byte !== CLOSE_OBJECT) {
        i++
        continue
      }
      const element = finish(chunk.subarray(from, i))
      if (element) yield element
    }
    if (kind === 'none') continue
    const rest = chunk.subarray(from)
    pieces.push(rest)
    length += rest.length
    checkLength()
  }
  if (place !== 'end') {
    throw new DatasetError(
      place === 'start'
        ? `${path}: is empty, expected a JSON array or object`
        : `${path}, line ${line}: the JSON document is cut off; copy or download it again`,
    )
  }

  /** Takes one byte between elements; false when it begins an element. */
  function between(byte: number): boolean {
    if (byte === 0xef || byte === 0xbb || byte === 0xbf) return place === 'start'
    switch (place) {
      case 'start':
        if (byte !== OPEN_LIST && byte !== OPEN_OBJECT) {
          throw new DatasetError(`${path}, line ${line}: no JSON array or object`)
        }
        place = byte === OPEN_LIST ? 'list' : 'key'
        return true
      case 'list':
        if (byte === CLOSE_LIST) place = 'end'
        return byte === CLOSE_LIST || byte === COMMA
      case 'key':
        if (byte === CLOSE_OBJECT) place = 'end'
        else if (byte === COLON) place = 'value'
        return byte === CLOSE_OBJECT || byte === COMMA || byte === COLON
      case 'value':
        if (byte === OPEN_LIST) place = 'list of key'
        return byte === OPEN_LIST
      case 'list of key':
        if (byte === CLOSE_LIST) place = 'key'
        return byte === CLOSE_LIST || byte === COMMA
      case 'end':
        throw new DatasetError(`${path}, line ${line}: more text after the end of the JSON document`)
    }
  }

  /** What was cut out, as an element, or as the key of the next one. */
  function finish(last: Buffer): JsonElement | undefined {
    length += last.length
    checkLength()
    const text = (pieces.length === 0 ? last : Buffer.concat([...pieces, last])).toString('utf8')
    pieces = []
    length = 0
    kind = 'none'
    if (place === 'key') {
      try {
        key = String(JSON.parse(text))
      } catch (cause) {
        throw new DatasetError(`${path}, line ${startLine}: ${text.slice(0, 60)} is no JSON key`, { cause })
      }
      return undefined
    }
    const listed = place !== 'value'
    if (!listed) place = 'key'
    const element = { text, listed, line: startLine, bytesRead: bytesRead(), fileBytes }
    return key === undefined ? element : { ...element, key }
  }

  function checkLength(): void {
    if (length <= lineBytes) return
    throw new LimitError(
      `${path}, line ${startLine}: an element longer than ${lineBytes} bytes; raise limits.lineBytes for huge cells`,
    )
  }
}
