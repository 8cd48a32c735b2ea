// Temporary files: where an output grows until it is whole. They go when they are no longer needed, when the process
// exits, and, where it could do nothing about it (kill -9, a power failure), the next time that something is written to
// their folder. The name says who made a file:
//
//   model.onnx.<process id>-<its start>-<machine>-<random>.tmp

import { createHash, randomUUID } from 'node:crypto'
import {
  constants,
  fchmodSync,
  fchownSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  type Stats,
} from 'node:fs'
import { copyFile, link, lstat, open, readdir, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { bootOf, isAlive, startOf } from './processes.ts'

const NAME = /\.(\d+)-(\d*)-([0-9a-f]{8})-[0-9a-f]{8}\.tmp$/
/** Characters of the output's name: with the rest it stays below the 255 bytes that a name may have. */
const KEPT = 40
/** To fchown: leave this one. */
const SAME = -1
/** Nobody writes for so long and goes on; clocks of machines that share a folder differ by less. */
const STALE_MS = 24 * 3600 * 1000

/** Those of this process that are there. */
const living = new Set<string>()
let isWatched = false
/** Folders that were looked through. */
const tidied = new Set<string>()

export interface Temporary {
  readonly path: string
  readonly descriptor: number
}

/**
 * Opens a new file beside `target`, with the permissions and, where the system allows, the owner of the `old` file that
 * it will replace. Removes what dead processes left in the folder.
 */
export async function createTemporary(target: string, old: Stats | undefined): Promise<Temporary> {
  await tidy(dirname(target))
  const name = [...basename(target)].slice(0, KEPT).join('')
  const path = join(
    dirname(target),
    `${name}.${process.pid}-${startOf(process.pid) ?? ''}-${thisMachine()}-${randomUUID().slice(0, 8)}.tmp`,
  )
  if (!isWatched) process.once('exit', removeLiving)
  isWatched = true
  living.add(path)
  try {
    // Not asynchronously: the file must not come to be after an exit has removed those that are there.
    const descriptor = openSync(path, 'wx', old === undefined ? 0o666 : old.mode & 0o700)
    if (old !== undefined) keepOwner(descriptor, old)
    return { path, descriptor }
  } catch (error) {
    await discard(path)
    throw error
  }
}

/** The owner first, since the system takes some permissions away when it changes. */
export function keepOwner(descriptor: number, { uid, gid, mode }: Stats): void {
  // Only root may give files away, and not every file system knows of owners and permissions. What is not kept is that of
  // a new file of whoever writes it, with no rights for others that the old one did not give.
  tryTo(() => fchownSync(descriptor, SAME, gid))
  tryTo(() => fchownSync(descriptor, uid, SAME))
  tryTo(() => fchmodSync(descriptor, mode & 0o7777))
}

/** Gives a file that is whole and flushed its name, which is there after a power failure, too. */
export async function giveName(path: string, target: string): Promise<void> {
  await rename(path, target)
  living.delete(path)
  await flushFolder(target)
}

/** A second name, unless there is a file that has it. The first one is left. */
export async function giveNewName(path: string, target: string): Promise<void> {
  try {
    await link(path, target)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    // File systems without links.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(code)) throw error
    await copyFile(path, target, constants.COPYFILE_EXCL).catch(unlessThere)
  }
  await flushFolder(target)
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

async function flushFolder(target: string): Promise<void> {
  try {
    const folder = await open(dirname(target))
    await folder.sync().finally(() => folder.close())
  } catch (error) {
    // Not every system opens folders, nor every file system flushes them; the file is there all the same.
    if (['EIO', 'ENOSPC'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

/** For a file that is not to be; where it cannot be removed any more, the next command does. */
export async function discard(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {})
  living.delete(path)
}

function removeLiving(): void {
  for (const path of living) tryTo(() => rmSync(path, { force: true }))
}

/** What a process of this machine, which is gone, was writing to a folder. */
export function removeTemporariesOf(folder: string, pid: number): void {
  for (const name of tryTo(() => readdirSync(folder)) ?? []) {
    const [, owner, , machine] = NAME.exec(name) ?? []
    if (owner === String(pid) && machine === thisMachine())
      tryTo(() => rmSync(join(folder, name), { force: true }))
  }
}

/** Once for each folder that this process writes to. */
async function tidy(folder: string): Promise<void> {
  if (tidied.has(folder)) return
  tidied.add(folder)
  // A folder that may be written and not be read is left as it is.
  for (const name of await readdir(folder).catch(() => [])) {
    const [, pid, started, machine] = NAME.exec(name) ?? []
    if (pid === undefined) continue
    const path = join(folder, name)
    const left = machine === thisMachine() && !isAlive(Number(pid), started || undefined)
    if (left || (await isForgotten(path))) await rm(path).catch(() => {})
  }
}

/** Of processes elsewhere nothing is known but when they wrote last. */
async function isForgotten(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > STALE_MS
}

let machine: string | undefined

/** Eight digits that differ wherever process ids mean something else: hosts, containers, times since a start. */
function thisMachine(): string {
  machine ??= createHash('sha256')
    .update(hostname())
    .update(bootOf())
    .update(tryTo(() => readlinkSync('/proc/self/ns/pid')) ?? '')
    .digest('hex')
    .slice(0, 8)
  return machine
}

function tryTo<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
