// The bytes of a data file as a stream, unpacked where it is gzip or zip, so that a file of any size passes through a
// small buffer. Bounded, since a few kilobytes can unpack to terabytes. What the bytes mean is not known here.

import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Unzip, UnzipInflate } from 'fflate'
import { DatasetError, LimitError } from '../errors.ts'

/** What a file may hold before it is refused with a LimitError. */
export interface FileLimits {
  /** Bytes of one line, or of one record where lines do not separate them. Default 16 MiB: some 100,000 atoms. */
  readonly lineBytes?: number
  /** Bytes of the whole file once unpacked. Default 64 GiB. */
  readonly totalBytes?: number
}

export const LINE_BYTES = 16 * 2 ** 20
const TOTAL_BYTES = 64 * 2 ** 30
const UNPACKED_CHUNK = 256 * 1024

export interface ByteStream {
  readonly chunks: AsyncIterable<Buffer>
  /** Bytes of the file on disk read so far, and its size: for a progress bar. */
  readonly bytesRead: () => number
  readonly fileBytes: number
}

/**
 * Opens a file. gzip and zip are recognised by their first bytes, whatever the name; of a zip archive the first data
 * file in it is read.
 * @throws DatasetError when it cannot be opened; while reading, when its gzip or zip stream is damaged or cut off.
 * @throws LimitError while reading, when it unpacks to more than `limits.totalBytes`.
 */
export async function openBytes(path: string, limits: FileLimits = {}): Promise<ByteStream> {
  const { size, packing } = await inspect(path)
  const source = createReadStream(path)
  const chunks = checked(path, unpacked(path, source, packing), limits.totalBytes ?? TOTAL_BYTES)
  return { chunks, bytesRead: () => source.bytesRead, fileBytes: size }
}

type Packing = 'gzip' | 'zip' | undefined

/** Size in bytes, and what the file is packed with by its first bytes. */
async function inspect(path: string): Promise<{ size: number; packing: Packing }> {
  try {
    const handle = await open(path)
    try {
      const { size } = await handle.stat()
      const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0)
      if (buffer[0] === 0x1f && buffer[1] === 0x8b) return { size, packing: 'gzip' }
      return { size, packing: buffer.toString('latin1') === 'PK\x03\x04' ? 'zip' : undefined }
    } finally {
      await handle.close()
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const reason =
      code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'is a folder' : (cause as Error).message
    throw new DatasetError(`${path}: ${reason}; expected a data set (docs/data.md lists the forms)`, {
      cause,
    })
  }
}

function unpacked(path: string, source: Readable, packing: Packing): AsyncIterable<Buffer> {
  if (packing === 'zip') return unzipped(path, source)
  // The callback is required; what fails arrives where the stream is read.
  return packing === 'gzip' ? pipeline(source, createGunzip({ chunkSize: UNPACKED_CHUNK }), () => {}) : source
}

/** Passes chunks on, counts them, and gives errors of unpacking a name. */
async function* checked(
  path: string,
  chunks: AsyncIterable<Buffer>,
  totalBytes: number,
): AsyncGenerator<Buffer> {
  let total = 0
  try {
    for await (const chunk of chunks) {
      total += chunk.length
      if (total > totalBytes) {
        throw new LimitError(
          `${path}: unpacks to more than ${totalBytes} bytes; raise limits.totalBytes if you trust it`,
        )
      }
      yield chunk
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (!code?.startsWith('Z_')) throw cause
    throw new DatasetError(
      `${path}: gzip stream is damaged or cut off after ${total} unpacked bytes (${message}); copy or download it again`,
      { cause },
    )
  }
}

const DATA_FILE = /\.(?:jsonl?|ndjson|csv)$/i

/** The first member of a zip archive that is a data file by its name. */
async function* unzipped(path: string, source: Readable): AsyncGenerator<Buffer> {
  const ready: Buffer[] = []
  let member: string | undefined
  let failure: Error | undefined
  let whole = false
  const archive = new Unzip((file) => {
    if (member !== undefined || !DATA_FILE.test(file.name) || file.name.startsWith('__MACOSX/')) return
    member = file.name
    file.ondata = (error, chunk, last) => {
      failure ??= error ?? undefined
      if (chunk?.length) ready.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
      whole ||= last
    }
    file.start()
  })
  archive.register(UnzipInflate)
  for await (const chunk of source as AsyncIterable<Buffer>) {
    try {
      archive.push(chunk)
    } catch (error) {
      failure = error as Error
    }
    yield* ready.splice(0)
    if (failure || whole) break
  }
  if (member === undefined && !failure) {
    throw new DatasetError(`${path}: the archive holds no .json, .jsonl or .csv file`)
  }
  if (failure || !whole) {
    throw new DatasetError(
      `${path}: zip archive is damaged or cut off (${failure?.message ?? 'its end is missing'}); copy or download it again`,
      { cause: failure },
    )
  }
}
