// The bytes of a data file as a stream, unpacked (members.ts), so that a file of any size passes through a small buffer.
// Bounded, since a few kilobytes can unpack to terabytes. What the bytes mean is not known here.

import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { DatasetError, LimitError } from '../errors.ts'
import { notFound } from '../not-found.ts'
import { membersOf } from './members.ts'
import { standardInput } from './standard-input.ts'

/** What a file may hold before it is refused with a LimitError. */
export interface FileLimits {
  /** Bytes of one line, or of one record where lines do not separate them. Default 16 MiB: some 100,000 atoms. */
  readonly lineBytes?: number
  /** Bytes of the whole file once unpacked. Default 64 GiB. */
  readonly totalBytes?: number
}

export const LINE_BYTES = 16 * 2 ** 20
const TOTAL_BYTES = 64 * 2 ** 30

export interface ByteStream {
  readonly chunks: AsyncIterable<Buffer>
  /** Bytes of the file on disk read so far, and its size: for a progress bar. */
  readonly bytesRead: () => number
  readonly fileBytes: number
}

/**
 * Opens a file, or standard input as `-`. What it is packed in is told by its first bytes, whatever the name; of an archive the
 * first data file in it is read.
 * @throws DatasetError when it cannot be opened; while reading, when what it is packed in is damaged or cut off.
 * @throws LimitError while reading, when it unpacks to more than `limits.totalBytes`.
 */
export async function openBytes(path: string, limits: FileLimits = {}): Promise<ByteStream> {
  const most = limits.totalBytes ?? TOTAL_BYTES
  if (path === '-') {
    return { chunks: bounded(path, dataOf(path, standardInput()), most), bytesRead: () => 0, fileBytes: 1 }
  }
  const fileBytes = await sizeOf(path)
  const source = createReadStream(path)
  return { chunks: bounded(path, dataOf(path, source), most), bytesRead: () => source.bytesRead, fileBytes }
}

async function sizeOf(path: string): Promise<number> {
  try {
    const handle = await open(path)
    try {
      const info = await handle.stat()
      if (info.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' })
      return info.size
    } finally {
      await handle.close()
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const reason =
      code === 'ENOENT' ? notFound(path) : code === 'EISDIR' ? 'is a folder' : (cause as Error).message
    throw new DatasetError(`${path}: ${reason}; expected a data set (docs/data.md lists the forms)`, {
      cause,
    })
  }
}

/** Passes chunks on, and counts them. */
async function* bounded(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  totalBytes: number,
): AsyncGenerator<Buffer> {
  let total = 0
  for await (const chunk of chunks) {
    total += chunk.length
    if (total > totalBytes) {
      throw new LimitError(
        `${path}: unpacks to more than ${totalBytes} bytes; raise limits.totalBytes if you trust it`,
      )
    }
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  }
}

/** Names of members of archives that are data sets. */
export const DATA_FILE = /\.(?:jsonl?|ndjson|csv)(?:\.(?:gz|bz2))?$/i

/** The file itself, or the first member of an archive that is a data file by its name. */
async function* dataOf(path: string, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const { name, chunks, inArchive } of membersOf(path, source)) {
    if (inArchive && !DATA_FILE.test(name)) continue
    yield* chunks
    return
  }
  throw new DatasetError(`${path}: the archive holds no .json, .jsonl or .csv file`)
}
