// Reads zip archives held in memory: stored and deflated members, zip64. Trusts nothing: the directory must end the file,
// names are unique, sizes are bounded and must come out as claimed, and every member's CRC-32 is checked.

import { Inflate } from 'fflate'
import { LimitError, WeightsError } from '../errors.ts'
import { crc32 } from './crc32.ts'

const MAX_MEMBERS = 100_000
/** Bytes that one archive may inflate to, all members together. */
export const MAX_INFLATED = 2 ** 28
/** Deflate makes at most 1032 bytes out of one. */
const MAX_RATIO = 1032
const INFLATE_STEP = 16 * 1024

const SIGNATURE = {
  local: 0x04034b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
}
const END_LENGTH = 22
const LOCATOR64_LENGTH = 20
const END64_LENGTH = 56
const CENTRAL_LENGTH = 46
const LOCAL_LENGTH = 30
const MAX_COMMENT = 0xffff
const STORED = 0
const DEFLATED = 8
const ZIP64_EXTRA = 1

interface Member {
  readonly method: number
  readonly crc: number
  readonly compressed: number
  readonly size: number
  readonly offset: number
}

export interface Archive {
  /** Member names in the order of the directory. */
  readonly names: readonly string[]
  has(name: string): boolean
  /**
   * Uncompressed bytes of a member; a view of the file where it is stored.
   * @throws WeightsError when it is not there or damaged; LimitError when it has more than `limit` bytes.
   */
  read(name: string, limit?: number): Uint8Array
}

/** Whether the bytes begin like a zip archive. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0, true) === SIGNATURE.local
}

/**
 * Reads the directory of an archive; members are read on demand.
 * @throws WeightsError for an archive that is truncated or contradicts itself; LimitError for one beyond the bounds.
 */
export function openZip(bytes: Uint8Array, file: string): Archive {
  const members = readDirectory(bytes, file)
  let inflated = 0
  return {
    names: [...members.keys()],
    has: (name) => members.has(name),
    read(name, limit = Number.POSITIVE_INFINITY) {
      const member = members.get(name)
      if (member === undefined) throw new WeightsError(`${file}: holds no ${name}; is it complete?`)
      if (member.size > limit) {
        throw new LimitError(`${file}: ${name} has ${member.size} bytes, at most ${limit} are read`)
      }
      if (member.method === DEFLATED) {
        inflated += member.size
        if (inflated > MAX_INFLATED) {
          throw new LimitError(
            `${file}: inflates to more than ${MAX_INFLATED} bytes, which no checkpoint of these networks does`,
          )
        }
      }
      return readMember(bytes, name, member, file)
    },
  }
}

function readDirectory(bytes: Uint8Array, file: string): Map<string, Member> {
  const view = viewOf(bytes)
  const { entries, offset, end } = locateDirectory(view, file)
  if (entries > MAX_MEMBERS)
    throw new LimitError(`${file}: ${entries} members, at most ${MAX_MEMBERS} are read`)
  const members = new Map<string, Member>()
  let at = offset
  for (let n = 0; n < entries; n++) {
    if (at + CENTRAL_LENGTH > end || view.getUint32(at, true) !== SIGNATURE.central) {
      throw damaged(file, `its directory has no entry ${n + 1} of ${entries}`)
    }
    const flags = view.getUint16(at + 8, true)
    const nameLength = view.getUint16(at + 28, true)
    const extraLength = view.getUint16(at + 30, true)
    const next = at + CENTRAL_LENGTH + nameLength + extraLength + view.getUint16(at + 32, true)
    if (next > end) throw damaged(file, `entry ${n + 1} of its directory runs past the end`)
    const nameAt = at + CENTRAL_LENGTH
    const name = new TextDecoder().decode(bytes.subarray(nameAt, nameAt + nameLength))
    if (flags & 1) throw new WeightsError(`${file}: ${name} is encrypted; decrypt the archive first`)
    if (members.has(name)) throw damaged(file, `${name} is there twice`)
    members.set(name, {
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      ...sizesOf(view, at, nameAt + nameLength, extraLength, `${file}: ${name}`),
    })
    at = next
  }
  if (at !== end) throw damaged(file, `${end - at} bytes follow the last entry of its directory`)
  return members
}

/** Where the directory lies, from the record that ends the file. */
function locateDirectory(view: DataView, file: string): { entries: number; offset: number; end: number } {
  const end = findEnd(view)
  if (end === undefined) {
    throw new WeightsError(
      `${file}: truncated: the directory that ends a zip archive is missing; download or copy it again`,
    )
  }
  let directory = {
    entries: view.getUint16(end + 10, true),
    size: view.getUint32(end + 12, true),
    offset: view.getUint32(end + 16, true),
    end,
  }
  const locator = end - LOCATOR64_LENGTH
  if (locator >= 0 && view.getUint32(locator, true) === SIGNATURE.locator64) {
    const at = wide(view, locator + 8)
    if (at + END64_LENGTH > locator || view.getUint32(at, true) !== SIGNATURE.end64) {
      throw damaged(file, 'its zip64 record is not where it says')
    }
    directory = {
      entries: wide(view, at + 32),
      size: wide(view, at + 40),
      offset: wide(view, at + 48),
      end: at,
    }
  }
  if (directory.offset + directory.size !== directory.end) {
    throw damaged(
      file,
      `its directory of ${directory.size} bytes at ${directory.offset} does not reach its end record`,
    )
  }
  return directory
}

/** Position of the end record; its comment must reach exactly to the end of the file. */
function findEnd(view: DataView): number | undefined {
  const first = Math.max(0, view.byteLength - END_LENGTH - MAX_COMMENT)
  for (let at = view.byteLength - END_LENGTH; at >= first; at--) {
    if (view.getUint32(at, true) !== SIGNATURE.end) continue
    if (at + END_LENGTH + view.getUint16(at + 20, true) === view.byteLength) return at
  }
  return undefined
}

/** Sizes and offset of a directory entry; those of 2³² − 1 stand in its zip64 field, in this order. */
function sizesOf(view: DataView, entry: number, extra: number, extraLength: number, what: string) {
  const fields = { size: entry + 24, compressed: entry + 20, offset: entry + 42 }
  const found = { size: 0, compressed: 0, offset: 0 }
  let wideAt = zip64Field(view, extra, extra + extraLength)
  for (const key of ['size', 'compressed', 'offset'] as const) {
    found[key] = view.getUint32(fields[key], true)
    if (found[key] !== 0xffffffff || wideAt === undefined) continue
    if (wideAt.at + 8 > wideAt.end) throw new WeightsError(`${what}: its zip64 field lacks the ${key}`)
    found[key] = wide(view, wideAt.at)
    wideAt = { ...wideAt, at: wideAt.at + 8 }
  }
  return found
}

function zip64Field(view: DataView, at: number, end: number): { at: number; end: number } | undefined {
  while (at + 4 <= end) {
    const length = view.getUint16(at + 2, true)
    if (at + 4 + length > end) return undefined
    if (view.getUint16(at, true) === ZIP64_EXTRA) return { at: at + 4, end: at + 4 + length }
    at += 4 + length
  }
  return undefined
}

function readMember(bytes: Uint8Array, name: string, member: Member, file: string): Uint8Array {
  const view = viewOf(bytes)
  const { offset, compressed, size, method, crc } = member
  if (offset + LOCAL_LENGTH > bytes.length || view.getUint32(offset, true) !== SIGNATURE.local) {
    throw damaged(file, `${name} is not where the directory says`)
  }
  const start = offset + LOCAL_LENGTH + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
  if (start + compressed > bytes.length) throw damaged(file, `${name} runs past the end of the file`)
  const data = bytes.subarray(start, start + compressed)
  let content: Uint8Array
  if (method === STORED) {
    if (size !== compressed) throw damaged(file, `${name} is stored, but ${size} is not ${compressed} bytes`)
    content = data
  } else if (method === DEFLATED) content = inflate(data, size, `${file}: ${name}`)
  else
    throw new WeightsError(`${file}: ${name} is compressed by method ${method}, expected stored or deflated`)
  const found = crc32(content)
  if (found !== crc) {
    throw damaged(file, `${name} has CRC-32 ${hex(found)}, expected ${hex(crc)}`)
  }
  return content
}

/** Inflates step by step, so that a member that lies about its size is stopped at the first step beyond it. */
function inflate(data: Uint8Array, size: number, what: string): Uint8Array {
  if (size > data.length * MAX_RATIO) {
    throw new WeightsError(`${what}: ${data.length} bytes cannot inflate to the ${size} that it claims`)
  }
  const content = new Uint8Array(size)
  let length = 0
  const stream = new Inflate((chunk) => {
    if (length + chunk.length > size)
      throw new WeightsError(`${what}: inflates to more than the ${size} bytes it claims`)
    content.set(chunk, length)
    length += chunk.length
  })
  try {
    let at = 0
    do {
      const next = Math.min(at + INFLATE_STEP, data.length)
      stream.push(data.subarray(at, next), next === data.length)
      at = next
    } while (at < data.length)
  } catch (cause) {
    if (cause instanceof WeightsError) throw cause
    throw new WeightsError(`${what}: damaged: ${(cause as Error).message}`, { cause })
  }
  if (length !== size) throw new WeightsError(`${what}: inflates to ${length} bytes, expected ${size}`)
  return content
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A 64-bit size; beyond 2⁵³ it only has to stay too large. */
function wide(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true))
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}

function damaged(file: string, what: string): WeightsError {
  return new WeightsError(`${file}: damaged: ${what}; download or copy it again`)
}
