// The lines of a text file, gzip or not, as a stream: a file of any size passes through a small buffer. Bounded, since
// a few kilobytes of gzip can unpack to terabytes. What a line means is not known here.

import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { DatasetError, LimitError } from '../errors.ts'

/** What a file may hold before it is refused with a LimitError. */
export interface FileLimits {
  /** Bytes of one line. Default 16 MiB: a cell of about 100,000 atoms. */
  readonly lineBytes?: number
  /** Bytes of the whole file once unpacked. Default 64 GiB. */
  readonly totalBytes?: number
}

export interface Line {
  readonly text: string
  /** From 1. */
  readonly number: number
  /** Bytes of the file on disk read so far, and its size: for a progress bar. */
  readonly bytesRead: number
  readonly fileBytes: number
}

const NEWLINE = 0x0a
const UNPACKED_CHUNK = 256 * 1024

/**
 * Yields every line without its newline. gzip is recognised by its first two bytes, whatever the name.
 * @throws DatasetError when the file cannot be opened or its gzip stream is damaged or cut off.
 * @throws LimitError when a line or the whole exceeds `limits`.
 */
export async function* readLines(path: string, limits: FileLimits = {}): AsyncGenerator<Line> {
  const { lineBytes = 16 * 2 ** 20, totalBytes = 64 * 2 ** 30 } = limits
  const { stream, bytesRead, fileBytes } = await openFile(path)
  let pieces: Buffer[] = []
  let pending = 0
  let total = 0
  let number = 0

  const finish = (last: Buffer): Line => {
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

  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      total += chunk.length
      if (total > totalBytes) {
        throw new LimitError(
          `${path}: unpacks to more than ${totalBytes} bytes after ${number} lines; raise limits.totalBytes if you trust it`,
        )
      }
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
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code?.startsWith('Z_')) {
      throw new DatasetError(
        `${path}: gzip stream is damaged or cut off after ${number} lines (${(cause as Error).message}); copy or download it again`,
        { cause },
      )
    }
    throw cause
  }

  function checkLine(bytes: number): void {
    if (bytes <= lineBytes) return
    throw new LimitError(
      `${path}, line ${number + 1}: longer than ${lineBytes} bytes; expected one crystal a line (raise limits.lineBytes for huge cells)`,
    )
  }
}

async function openFile(path: string) {
  try {
    const { size, zipped } = await inspect(path)
    const source = createReadStream(path)
    // The callback is required; what fails arrives where the stream is read.
    const stream: Readable = zipped
      ? pipeline(source, createGunzip({ chunkSize: UNPACKED_CHUNK }), () => {})
      : source
    return { stream, bytesRead: () => source.bytesRead, fileBytes: size }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const reason =
      code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'is a folder' : (cause as Error).message
    throw new DatasetError(`${path}: ${reason}; expected a data set as JSON lines, plain or gzip`, { cause })
  }
}

/** Size in bytes, and whether the file starts like gzip. */
async function inspect(path: string): Promise<{ size: number; zipped: boolean }> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return { size, zipped: buffer[0] === 0x1f && buffer[1] === 0x8b }
  } finally {
    await handle.close()
  }
}
