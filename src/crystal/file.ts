// Reading structure files from disk, for Node only, unpacked from gzip. The size is checked before anything is read, and while
// it is unpacked.

import { readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { CrystalOnnxError, ParseError } from '../errors.ts'
import { notFound } from '../not-found.ts'
import { packingOfBytes } from './packing.ts'
import {
  checkSize,
  MAX_BYTES,
  type ParsedStructure,
  type ReadOptions,
  readEntries,
  readStructures,
  type StructureEntry,
} from './read.ts'

/**
 * Every structure of a file, which may be packed by gzip.
 * @throws ParseError or LimitError when the file, or any structure in it, cannot be read.
 */
export async function readStructureFile(path: string, options: ReadOptions = {}): Promise<ParsedStructure[]> {
  const { bytes, file } = await load(path, options)
  return readStructures(bytes, { file, ...options })
}

/** Every structure of a file, good or bad; a file that cannot be opened is one failed entry. */
export async function readFileEntries(
  path: string,
  options: ReadOptions = {},
): Promise<Iterable<StructureEntry>> {
  try {
    const { bytes, file } = await load(path, options)
    return readEntries(bytes, { file, ...options })
  } catch (error) {
    if (!(error instanceof CrystalOnnxError)) throw error
    return [{ index: 0, error, warnings: [] }]
  }
}

/** What is in the file, and the name of that. */
async function load(
  path: string,
  { maxBytes = MAX_BYTES }: ReadOptions,
): Promise<{ bytes: Uint8Array; file: string }> {
  let [bytes, file] = [await contentOf(path, maxBytes), path]
  for (let depth = 0; depth < DEPTH && packingOfBytes(bytes)?.packing === 'gzip'; depth++) {
    bytes = await unpacked(bytes, path, maxBytes)
    file = file.replace(/\.gz$/i, '')
  }
  return { bytes, file }
}

/** Packed files in packed files. */
const DEPTH = 4

async function unpacked(bytes: Uint8Array, file: string, maxBytes: number): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: maxBytes + 1 })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') checkSize(maxBytes + 1, maxBytes, file)
    throw new ParseError(
      `the gzip stream is damaged or cut off (${message}); copy or download it again`,
      { file },
      { cause },
    )
  }
}

async function contentOf(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const info = await stat(path)
    if (!info.isFile()) throw new ParseError('is not a file', { file: path })
    checkSize(info.size, maxBytes, path)
    return await readFile(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') throw new ParseError(notFound(path), { file: path }, { cause: error })
    if (code === 'EACCES' || code === 'EISDIR' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') {
      throw new ParseError(`cannot be opened: ${(error as Error).message}`, { file: path }, { cause: error })
    }
    throw error
  }
}
