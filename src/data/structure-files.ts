// The structures of files, folders, archives and standard input: the one door for whoever reads structures by path. Of folders
// the structure files in them are read, of archives their members.

import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { readFileEntries } from '../crystal/file.ts'
import { FORMATS, structureEndings } from '../crystal/formats/table.ts'
import type { StructureEntry } from '../crystal/read.ts'
import { standInsRefused } from '../crystal/read.ts'
import type { Structure } from '../crystal/structure.ts'
import { CrystalOnnxError, ParseError } from '../errors.ts'
import { textOf } from '../files.ts'
import { membersOf } from './members.ts'
import { standardInput } from './standard-input.ts'
import { streamEntries } from './structure-stream.ts'

export interface FileEntry {
  readonly file: string
  readonly entry: StructureEntry
}

/** Every structure of what one argument names; `index` counts within a file, or a member of an archive. */
export async function* entriesOfInput(input: string): AsyncGenerator<FileEntry> {
  if (input === '-') return yield* entriesOfStream(input, standardInput())
  const info = await stat(input).catch(() => undefined)
  if (info?.isDirectory()) return yield* entriesOfFolder(input)
  // What cannot be opened is said in one place.
  if (!info?.isFile() && !info?.isFIFO()) {
    for (const entry of await readFileEntries(input)) yield { file: input, entry }
  } else yield* entriesOfStream(input, createReadStream(input))
}

/** What can be said of an entry by a model: the structure, or why there is none. */
export function predictable({
  file,
  entry,
}: FileEntry): { readonly structure: Structure } | { readonly error: CrystalOnnxError } {
  if ('error' in entry) return { error: entry.error }
  const error = standInsRefused(entry, file)
  return error ? { error } : { structure: entry.structure }
}

/** The structure files in a folder and those in it, and links to such files, in the order of their names. */
export async function structureFilesIn(
  folder: string,
  isWanted: (name: string) => boolean = isStructureFile,
): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const wanted = await Promise.all(
    found
      .filter((entry) => isWanted(entry.name))
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        return entry.isFile() || (entry.isSymbolicLink() && (await isNoFolder(path))) ? [path] : []
      }),
  )
  return wanted.flat().sort()
}

/** Of a link: it leads to a file, or to nothing, which whoever reads it says. Linked folders might lead back. */
async function isNoFolder(link: string): Promise<boolean> {
  const target = await stat(link).catch(() => undefined)
  return target === undefined || target.isFile()
}

async function* entriesOfFolder(folder: string): AsyncGenerator<FileEntry> {
  const files = await structureFilesIn(folder)
  if (files.length === 0) {
    yield { file: folder, entry: { index: 0, error: holdsNone(folder), warnings: [] } }
  }
  for (const file of files) yield* entriesOfInput(file)
}

export function holdsNone(folder: string): ParseError {
  return new ParseError('holds no structure files', { file: folder })
}

const ENDINGS = [...structureEndings(), '.jsonl', '.ndjson', '.zip', '.tar', '.tgz']

export function isStructureFile(name: string): boolean {
  const plain = name.toLowerCase().replace(/\.(?:gz|bz2)$/, '')
  return (
    ENDINGS.some((ending) => plain.endsWith(ending)) ||
    FORMATS.some((format) => 'fileName' in format && format.fileName?.test(name))
  )
}

async function* entriesOfStream(file: string, source: AsyncIterable<Uint8Array>): AsyncGenerator<FileEntry> {
  try {
    for await (const { name, chunks } of membersOf(file, source)) {
      for await (const entry of streamEntries(name, chunks))
        yield { file: name === file.replace(PACKED, '') ? file : name, entry }
    }
  } catch (cause) {
    const error = cause instanceof CrystalOnnxError ? cause : systemError(file, cause)
    yield { file, entry: { index: 0, error, warnings: [] } }
  }
}

const PACKED = /\.(?:gz|bz2)$/i

/** What the system says of a file, as an error that names it; anything else is thrown. */
export function systemError(file: string, cause: unknown): ParseError {
  if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause
  return new ParseError(`cannot be read: ${(cause as Error).message}`, { file }, { cause })
}

/** The names in a list, one a line. */
export async function listedFiles(list: string): Promise<string[]> {
  const names = list === '-' ? await text(process.stdin) : await textOf(list)
  return names.split(/\r?\n/).filter((name) => name.trim() !== '')
}
