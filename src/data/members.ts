// The files in a file: unpacked from gzip and bzip2, and taken out of zip and tar archives, which may be packed themselves, as
// streams. Told by first bytes, whatever the name. What the bytes mean is not known here.

import { PassThrough, pipeline, Readable } from 'node:stream'
import { crc32, createGunzip } from 'node:zlib'
import { Unzip, UnzipInflate } from 'fflate'
import bunzip from 'unbzip2-stream'
import { packingOfBytes } from '../crystal/packing.ts'
import { DatasetError } from '../errors.ts'
import { insteadOf } from '../instead.ts'
import { tarMembers } from './tar.ts'

export interface Member {
  /** The name of the file, without `.gz` or `.bz2`; of a member of an archive behind the name of the archive. */
  readonly name: string
  /** To be read to its end, or left, before the next member. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Whether it lies in an archive. */
  readonly inArchive: boolean
}

const UNPACKED_CHUNK = 256 * 1024
/** Archives in archives in archives are no data. */
const DEPTH = 4
/** Bytes that tell what something is packed in: a header of tar. */
const HEAD = 512

/** @throws DatasetError where something is damaged, or nested deeper than archives are. */
export async function* membersOf(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  depth = 0,
  inArchive = false,
): AsyncGenerator<Member> {
  if (depth > DEPTH) throw new DatasetError(`${name}: archives in archives, more than ${DEPTH} deep`)
  const { head, whole } = await peeked(chunks)
  const packing = packingOf(head)
  const unread = packing === undefined ? unreadOf(head) : undefined
  if (unread !== undefined) throw new DatasetError(`${name}: ${unread}`)
  if (packing === undefined) yield { name, chunks: whole, inArchive }
  else if (packing === 'gzip' || packing === 'bzip2') {
    const unpacked = through(
      whole,
      packing === 'gzip' ? createGunzip({ chunkSize: UNPACKED_CHUNK }) : bunzip(),
      name,
      packing,
    )
    yield* membersOf(
      name.replace(/\.(?:gz|bz2)$/i, '').replace(/\.tgz$/i, '.tar'),
      unpacked,
      depth + 1,
      inArchive,
    )
  } else {
    if (packing === 'zip' && (head[6] & 1) === 1)
      throw new DatasetError(`${name}: the zip archive is encrypted; unpack it first`)
    let found = false
    for await (const { name: inner, chunks } of packing === 'tar'
      ? tarMembers(name, whole)
      : zipMembers(name, whole)) {
      const plain = inner.replace(/^(?:\.\/)+/, '')
      if (isHidden(plain)) continue
      found = true
      yield* membersOf(`${name}/${plain}`, chunks, depth + 1, true)
    }
    if (!found) throw new DatasetError(`${name}: no file is in the ${packing} archive`)
  }
}

/** What systems and version control add is no data; `.` and `..` are places. */
function isHidden(name: string): boolean {
  return name.split('/').some((part) => part === '__MACOSX' || /^\.(?!\.?$)/.test(part))
}

/** Why a file that is packed in nothing known is no data; undefined for what may be. */
function unreadOf(head: Buffer): string | undefined {
  const start = head.toString('latin1')
  const packed = packingOfBytes(head)
  if (packed) return packed.said
  if (start.startsWith('PK\x05\x06')) return 'no file is in the zip archive'
  // An XML file may well be one of structures.
  const instead = /^[\s\xef\xbb\xbf]*<(?!!doctype html|html)/i.test(start)
    ? undefined
    : insteadOf(head, 'file')
  return instead && `is ${instead}`
}

/** What a file is packed in, by its first 512 bytes. */
export function packingOf(head: Buffer): 'gzip' | 'bzip2' | 'zip' | 'tar' | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  if (/^BZh[1-9]1AY&SY/.test(head.toString('latin1', 0, 10))) return 'bzip2'
  if (head.toString('latin1', 0, 4) === 'PK\x03\x04') return 'zip'
  return head.toString('latin1', 257, 262) === 'ustar' ? 'tar' : undefined
}

/** The first bytes, and all of them. */
async function peeked(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ head: Buffer; whole: AsyncIterable<Uint8Array> }> {
  const rest = chunks[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let length = 0
  while (length < HEAD) {
    const { value, done } = await rest.next()
    if (done) break
    first.push(value)
    length += value.length
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    try {
      yield* first
      for (;;) {
        const { value, done } = await rest.next()
        if (done) return
        yield value
      }
    } finally {
      await rest.return?.()
    }
  }
  return { head: Buffer.concat(first).subarray(0, HEAD), whole: whole() }
}

async function* through(
  chunks: AsyncIterable<Uint8Array>,
  unpacker: NodeJS.ReadWriteStream,
  name: string,
  packing: string,
): AsyncGenerator<Uint8Array> {
  // An old kind of stream gives its errors and its pressure in a new one. The callback is required; what fails arrives below.
  const unpacked = pipeline(Readable.from(chunks), unpacker, new PassThrough(), () => {})
  let total = 0
  try {
    for await (const chunk of unpacked) {
      total += chunk.length
      yield chunk
    }
  } catch (cause) {
    if (cause instanceof DatasetError) throw cause
    const { message } = cause as Error
    throw new DatasetError(
      `${name}: ${packing} stream is damaged or cut off after ${total} unpacked bytes (${message}); copy or download it again`,
      {
        cause,
      },
    )
  }
}

/** The files of a zip archive in their order. */
async function* zipMembers(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Pick<Member, 'name' | 'chunks'>> {
  interface Opened {
    readonly name: string
    readonly ready: Uint8Array[]
    sum: number
    ended: boolean
  }
  /** Check sums of what was unpacked, which the directory at the end of the archive has, too. */
  const sums = new Map<string, number[]>()
  const damaged = (why = 'its end is missing', cause?: Error) =>
    new DatasetError(`${name}: zip archive is damaged or cut off (${why}); copy or download it again`, {
      cause,
    })
  const waiting: Opened[] = []
  let failure: Error | undefined
  const tail = lastBytes(DIRECTORY)
  const archive = new Unzip((file) => {
    if (file.name.endsWith('/')) return
    if (file.compression !== STORED && file.compression !== DEFLATED) {
      failure ??= new DatasetError(
        `${name}: ${file.name} in it is compressed by method ${file.compression}, expected deflate; pack it anew`,
      )
      return
    }
    const opened: Opened = { name: file.name, ready: [], sum: 0, ended: false }
    file.ondata = (error, chunk, last) => {
      failure ??= error ?? undefined
      if (chunk?.length) {
        opened.ready.push(chunk.slice())
        opened.sum = crc32(chunk, opened.sum)
      }
      opened.ended ||= last
      // Members may have one name.
      if (last) sums.set(file.name, [...(sums.get(file.name) ?? []), opened.sum])
    }
    file.start()
    waiting.push(opened)
  })
  archive.register(UnzipInflate)
  const source = chunks[Symbol.asyncIterator]()
  /** Feeds the archive once; false at its end. */
  const feed = async (): Promise<boolean> => {
    const { value, done } = await source.next()
    if (done) return false
    tail.add(value)
    try {
      // Small steps keep what is unpacked at once small.
      for (let at = 0; at < value.length; at += STEP) archive.push(value.subarray(at, at + STEP))
    } catch (error) {
      failure = error as Error
    }
    if (failure) throw failure instanceof DatasetError ? failure : damaged(failure.message, failure)
    return true
  }
  async function* contentOf(opened: Opened): AsyncGenerator<Uint8Array> {
    for (;;) {
      yield* opened.ready.splice(0)
      if (opened.ended) return
      if (!(await feed())) throw damaged()
    }
  }
  for (;;) {
    const opened = waiting.shift()
    if (opened === undefined) {
      if (await feed()) continue
      const wrong = directoryFault(tail.bytes(), sums)
      if (wrong !== undefined) throw damaged(wrong)
      return
    }
    const content = contentOf(opened)
    yield { name: opened.name, chunks: content }
    for await (const _ of contentOf(opened)) {
      // What the reader left.
    }
  }
}

/** Methods of compression that are unpacked. */
const [STORED, DEFLATED] = [0, 8]
const STEP = 16 * 1024
/** Bytes of a directory that are kept: those of some 100,000 members. */
const DIRECTORY = 8 * 2 ** 20
const [RECORD, END] = ['PK\x01\x02', 'PK\x05\x06']

/** The last chunks of a stream, which hold so many of its last bytes. */
function lastBytes(count: number) {
  const chunks: Uint8Array[] = []
  let length = 0
  return {
    add(chunk: Uint8Array): void {
      chunks.push(chunk)
      length += chunk.length
      while (length - chunks[0].length >= count) length -= chunks.shift()!.length
    },
    bytes: () => Buffer.concat(chunks),
  }
}

/** What the directory at the end of an archive says against its members; undefined where nothing. */
function directoryFault(tail: Buffer, sums: ReadonlyMap<string, readonly number[]>): string | undefined {
  const end = tail.lastIndexOf(END)
  // Without it the archive may have lost members.
  if (end === -1 || end + 16 > tail.length) return 'its end is missing'
  const start = end - tail.readUInt32LE(end + 12)
  for (let at = start; at >= 0 && tail.toString('latin1', at, at + 4) === RECORD && at + 46 <= end; ) {
    const length = tail.readUInt16LE(at + 28)
    const name = tail.toString('utf8', at + 46, at + 46 + length)
    if (sums.get(name)?.includes(tail.readUInt32LE(at + 16)) === false)
      return `the check sum of ${name} is wrong`
    at += 46 + length + tail.readUInt16LE(at + 30) + tail.readUInt16LE(at + 32)
  }
  return undefined
}
