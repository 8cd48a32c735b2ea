// The files that are packed in one (.gz, .zip). Bounded, since a few kilobytes can unpack to gigabytes.

import { Gunzip, unzipSync } from 'fflate'
import { LimitError, ParseError } from '../../src/errors.ts'
import { joined } from '../../src/math/joined.ts'
import { LIMITS, mebibytes } from '../intake/limits.ts'
import { isGzip } from './kinds.ts'

export interface Member {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Names that archives hold for the sake of an operating system; `./` and `../` are places. */
const NOT_MEANT = /(?:^|\/)(?:\.(?!\.?\/)|__MACOSX\/)/
/** Bytes that are unpacked at once: nothing is unpacked beyond the bound by more than these hold. */
const PIECE = 64 * 1024

/**
 * @param bytes for which isPacked holds
 * @throws ParseError for a damaged archive, LimitError for more than the page takes
 */
export function membersOf(name: string, bytes: Uint8Array): Member[] {
  try {
    return isGzip(bytes)
      ? [{ name: name.replace(/\.gz$/i, ''), bytes: unpackedGzip(name, bytes) }]
      : unpackedZip(name, bytes)
  } catch (cause) {
    if (cause instanceof LimitError) throw cause
    throw new ParseError(`${name}: damaged archive (${(cause as Error).message})`, {}, { cause })
  }
}

function unpackedGzip(name: string, bytes: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = []
  let length = 0
  const gunzip = new Gunzip((piece) => {
    length += piece.length
    if (length > LIMITS.unpackedBytes) throw tooMuch(name)
    pieces.push(piece)
  })
  for (let at = 0; at < bytes.length; at += PIECE) {
    gunzip.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length)
  }
  return joined(pieces)
}

function unpackedZip(name: string, bytes: Uint8Array): Member[] {
  let length = 0
  const files = unzipSync(bytes, {
    filter(member) {
      if (member.name.endsWith('/') || NOT_MEANT.test(member.name)) return false
      // What is unpacked has the size that the archive declares, or is an error.
      length += member.originalSize
      if (length > LIMITS.unpackedBytes) throw tooMuch(name)
      return true
    },
  })
  return Object.entries(files).map(([member, bytes]) => ({ name: `${name}/${member}`, bytes }))
}

function tooMuch(name: string): LimitError {
  return new LimitError(`${name}: unpacks to more than ${mebibytes(LIMITS.unpackedBytes)}; split it`)
}
