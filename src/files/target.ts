// Where an output really goes. Links are followed, to files that are not there yet too; what is no regular file (a pipe, a
// device, an open descriptor) is known as such, since it must be written to and never replaced.

import { constants, type Stats } from 'node:fs'
import { access, lstat, readlink, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { OutputError } from '../errors.ts'
import { outputError } from './reasons.ts'

export type Target =
  /** A regular file, there already (`old`) or not. */
  | { readonly kind: 'file'; readonly path: string; readonly old: Stats | undefined }
  /** A named pipe or a device. */
  | { readonly kind: 'stream'; readonly path: string }
  /** /dev/stdout, /dev/fd/3 and the like. */
  | { readonly kind: 'descriptor'; readonly descriptor: number }

/** As many as Linux follows. */
const MAX_LINKS = 40

/**
 * What `path` stands for.
 * @throws OutputError when it is a folder or a socket, its folder is not there, its links lead in a circle, or it may not
 * be written.
 */
export async function outputTarget(path: string): Promise<Target> {
  try {
    return await followed(path)
  } catch (error) {
    throw outputError(path, error)
  }
}

async function followed(path: string): Promise<Target> {
  if (path === '' || path.endsWith('/')) throw isFolder(path)
  let at = resolve(path)
  for (let links = 0; links <= MAX_LINKS; links++) {
    at = join(await folderOf(at, path), basename(at))
    const descriptor = descriptorOf(at)
    if (descriptor !== undefined) return { kind: 'descriptor', descriptor }
    const found = await lstat(at).catch(undefinedIfAbsent)
    if (found?.isDirectory()) throw isFolder(path)
    if (found === undefined || found.isFile()) {
      await access(dirname(at), constants.W_OK)
      if (found) await access(at, constants.W_OK)
      return { kind: 'file', path: at, old: found }
    }
    if (!found.isSymbolicLink() || OF_A_PROCESS.test(at)) return { kind: 'stream', path: at }
    at = resolve(dirname(at), await readlink(at))
  }
  throw new OutputError(`${path}: cannot be written: its symbolic links lead in a circle`)
}

function isFolder(path: string): OutputError {
  return new OutputError(`${path || '""'}: is a folder, expected the name of a file to write`)
}

/** Without links, so that `..` in a link means the folder that the link lies in. */
async function folderOf(at: string, path: string): Promise<string> {
  const folder = dirname(at)
  const found = await realpath(folder).catch(undefinedIfAbsent)
  if (found !== undefined) return found
  throw new OutputError(`${path}: cannot be written: its folder does not exist: ${folder}; make it first`)
}

/** Descriptors of any process; those links name no file that could be looked up. */
const OF_A_PROCESS = /^\/proc\/\d+(?:\/task\/\d+)?\/fd\/\d+$/

/** The descriptor of this process that a path without links stands for. */
function descriptorOf(path: string): number | undefined {
  const folder = dirname(path)
  const own = new RegExp(`^(?:/dev|/proc/${process.pid}(?:/task/\\d+)?)/fd$`)
  return own.test(folder) && /^\d+$/.test(basename(path)) ? Number(basename(path)) : undefined
}

function undefinedIfAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
  return undefined
}
