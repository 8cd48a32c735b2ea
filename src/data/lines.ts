// The lines of a text file, packed or not, as a stream. What a line means is not known here.

import { LimitError } from '../errors.ts'
import { type FileLimits, LINE_BYTES, openBytes } from './bytes.ts'

export interface Line {
  readonly text: string
  /** From 1. */
  readonly number: number
  /** Bytes of the file on disk read so far, and its size: for a progress bar. */
  readonly bytesRead: number
  readonly fileBytes: number
}

const NEWLINE = 0x0a

/**
 * Yields every line without its newline.
 * @throws DatasetError when the file cannot be opened or is damaged; LimitError when a line or the whole exceeds
 * `limits`.
 */
export async function* readLines(path: string, limits: FileLimits = {}): AsyncGenerator<Line> {
  const { lineBytes = LINE_BYTES } = limits
  const { chunks, bytesRead, fileBytes } = await openBytes(path, limits)
  let pieces: Buffer[] = []
  let pending = 0
  let number = 0

  for await (const chunk of chunks) {
    let start = 0
    for (let end: number; (end = chunk.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
      checkLine(pending + end - start)
      yield finish(chunk.subarray(start, end))
    }
    pending += chunk.length - start
    checkLine(pending)
    if (start < chunk.length) pieces.push(chunk.subarray(start))
  }
  if (pending > 0) yield finish(Buffer.alloc(0))

  function finish(last: Buffer): Line {
    const text = (pieces.length === 0 ? last : Buffer.concat([...pieces, last])).toString('utf8')
    pieces = []
    pending = 0
    number++
    return {
      text: number === 1 ? text.replace(/^\uFEFF/, '') : text,
      number,
      bytesRead: bytesRead(),
      fileBytes,
    }
  }

  function checkLine(bytes: number): void {
    if (bytes <= lineBytes) return
    throw new LimitError(
      `${path}, line ${number + 1}: longer than ${lineBytes} bytes; expected one crystal a line (raise limits.lineBytes for huge cells)`,
    )
  }
}
