// Where the index of a data set lies: in a folder beside the data, or where nothing can be written there, in the user's cache; of
// standard input in a temporary folder. And what it is an index of.

import { createHash } from 'node:crypto'
import { accessSync, constants, mkdirSync, mkdtempSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { VERSION } from '../../version.ts'
import { dataFiles } from '../formats/folder.ts'
import { hashOf } from './open.ts'

/** Beside the data. */
const INDEX_FOLDER = '.crystal-onnx'

/** What is read of a data set: an index holds that and nothing else. */
export interface Asked {
  readonly paths: readonly string[]
  readonly targets: readonly string[]
  readonly primitive: boolean
}

/** Folders in which the index of these data may lie, the first choice first; none of standard input. */
export function indexFolders({ paths }: Pick<Asked, 'paths'>): string[] {
  if (paths.includes('-')) return []
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const own = join(cache, 'crystal-onnx', 'data')
  return [join(dirname(resolve(paths[0])), INDEX_FOLDER), own]
}

/** The name of an index: of what was asked, whatever the data hold. */
export function indexName({ paths, targets, primitive }: Asked): string {
  const asked = JSON.stringify([VERSION, paths.map((path) => resolve(path)), targets, primitive])
  return `${basename(resolve(paths[0]))}-${createHash('sha256').update(asked).digest('hex').slice(0, 16)}.index`
}

/** The first of some folders that can be written to, and is then there; else a new temporary one. */
export function writableFolder(folders: readonly string[]): string {
  for (const folder of folders) {
    try {
      mkdirSync(folder, { recursive: true })
      accessSync(folder, constants.W_OK)
      return folder
    } catch {
      // The next one.
    }
  }
  return mkdtempSync(join(tmpdir(), 'crystal-onnx-data-'))
}

/** A hash of every byte of the files that data are read from, in order. */
export async function sourceOf(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths) {
    for (const file of (await dataFiles(path)).sort()) hash.update(`${await hashOf(file)} ${file}\n`)
  }
  return hash.digest('hex')
}
