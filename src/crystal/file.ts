// Reading structure files from disk, for Node only. The size is checked before anything is read.

import { readFile, stat } from 'node:fs/promises'
import { CrystalOnnxError, ParseError } from '../errors.ts'
import { notFound } from '../not-found.ts'
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
 * Every structure of a file.
 * @throws ParseError or LimitError when the file, or any structure in it, cannot be read.
 */
export async function readStructureFile(path: string, options: ReadOptions = {}): Promise<ParsedStructure[]> {
  return readStructures(await load(path, options), { file: path, ...options })
}

/** Every structure of a file, good or bad; a file that cannot be opened is one failed entry. */
export async function readFileEntries(
  path: string,
  options: ReadOptions = {},
): Promise<Iterable<StructureEntry>> {
  try {
    return readEntries(await load(path, options), { file: path, ...options })
  } catch (error) {
    if (!(error instanceof CrystalOnnxError)) throw error
    return [{ index: 0, error, warnings: [] }]
  }
}

async function load(path: string, { maxBytes = MAX_BYTES }: ReadOptions): Promise<Uint8Array> {
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
