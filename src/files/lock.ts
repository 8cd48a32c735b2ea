// A folder, or a part of the work in it, held by one process. The lock is a file that names the process. One that was killed
// leaves it behind; the next one sees that its holder is gone and takes it over: on the same machine by the process id and
// its time of start, on another by a file that has shown no life for a while.

import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { CrystalOnnxError } from '../errors.ts'
import { bootOf, isAlive, startOf } from './processes.ts'
import { outputError } from './reasons.ts'

/** ms between two signs of life, and without one after which a holder on another machine counts as dead. */
const SIGN_OF_LIFE = 10_000
const DEAD_AFTER = 120_000
/** ms that a lock which is being written may be empty. */
const BEING_WRITTEN = 1000
/** Signals that end a process without its 'exit' event, when nobody else listens. */
const DEADLY = ['SIGTERM', 'SIGHUP'] as const

const schema = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** Of the machine, and of the process: see files/processes.ts. */
  boot: z.string(),
  started: z.string().optional(),
})
type Holder = z.output<typeof schema>

export interface FolderLock {
  /** Shows that the holder lives; cheap, to be called often. */
  readonly touch: () => void
  readonly release: () => Promise<void>
}

export interface LockOptions {
  /** Of the lock in the folder. */
  readonly name: string
  /** The error for a folder that is held. @param who "process 12", "process 12 on node3" */
  readonly refusal: (who: string) => CrystalOnnxError
  /** Waits for a holder on another machine to show life, or to count as dead; else it is refused at once. */
  readonly wait?: boolean
  readonly signal?: AbortSignal
  readonly onWait?: (why: string) => void
}

/**
 * Takes the folder (made when it is not there) for this process, until `release` or its end.
 * @throws the refusal when another process holds it; OutputError
 */
export async function lockFolder(folder: string, options: LockOptions): Promise<FolderLock> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw outputError(folder, error)
  }
  const path = join(folder, options.name)
  const { pid } = process
  const holder: Holder = { pid, host: hostname(), boot: bootOf(), started: startOf(pid) }
  const own = JSON.stringify(holder)
  while (!created(path, own)) await waitOrTakeOver(path, options)
  return held(path, own, folder)
}

function held(path: string, own: string, folder: string): FolderLock {
  let last = Date.now()
  const touch = () => {
    const now = Date.now()
    if (now - last < SIGN_OF_LIFE) return
    last = now
    try {
      utimesSync(path, new Date(now), new Date(now))
    } catch {
      // Somebody deleted the lock or the disk is away: the work goes on, and fails where it writes.
    }
  }
  // Beside the calls of the holder, whose steps may leave the timer no turn.
  const timer = setInterval(touch, SIGN_OF_LIFE).unref()
  const remove = () => {
    try {
      // Not the lock of a process that took this one for dead.
      if (readFileSync(path, 'utf8') === own) rmSync(path)
    } catch {
      // It is gone already.
    }
  }
  atEnd(remove)
  return {
    touch,
    release: async () => {
      clearInterval(timer)
      notAtEnd(remove)
      remove()
      // Work that was refused leaves no empty folder.
      await rmdir(folder).catch(() => {})
    },
  }
}

/** What removes the locks of this process. */
const removals = new Set<() => void>()

function removeAll(): void {
  for (const remove of removals) remove()
}

function onDeadly(signal: NodeJS.Signals): void {
  // With other listeners it is theirs to end the process; 'exit' follows.
  if (process.listenerCount(signal) > 1) return
  removeAll()
  process.off(signal, onDeadly)
  process.kill(process.pid, signal)
}

function atEnd(remove: () => void): void {
  if (removals.size === 0) {
    process.on('exit', removeAll)
    for (const signal of DEADLY) process.on(signal, onDeadly)
  }
  removals.add(remove)
}

function notAtEnd(remove: () => void): void {
  removals.delete(remove)
  if (removals.size > 0) return
  process.off('exit', removeAll)
  for (const signal of DEADLY) process.off(signal, onDeadly)
}

/**
 * Whether the lock could be made; false when there is one. At once: a signal that came between the lock and the word that it
 * was made would end the process, and leave it.
 */
function created(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw outputError(path, error)
  }
}

/** Returns when the lock is gone or was moved out of the way. @throws the refusal when its holder lives. */
async function waitOrTakeOver(path: string, { refusal, wait, signal, onWait }: LockOptions): Promise<void> {
  const found = await readLock(path)
  if (found === undefined) return
  const { text, holder, lifeSign } = found
  if (holder !== undefined && lives(holder, lifeSign)) {
    const isHere = holder.host === hostname()
    const refused = refusal(`process ${holder.pid}${isHere ? '' : ` on ${holder.host}`}`)
    if (isHere) throw refused
    const ago = Math.round((Date.now() - lifeSign) / 1000)
    const life = `it showed life ${ago} s ago, and counts as dead after ${DEAD_AFTER / 1000} s without`
    refused.message += `; ${life}`
    if (!wait) throw refused
    onWait?.(`${refused.message}: waiting for that`)
    while (Date.now() - lifeSign < DEAD_AFTER) {
      await sleep(1000, undefined, { signal })
      const now = await readLock(path)
      if (now === undefined) return
      if (now.text !== text || now.lifeSign > lifeSign) throw refused
    }
  }
  await moveAway(path, text)
}

/** Whether a process that lives has this lock. */
export async function isHeld(path: string): Promise<boolean> {
  const found = await readLock(path)
  return found?.holder !== undefined && lives(found.holder, found.lifeSign)
}

/** Deletes the lock with this text, and puts back another that somebody made in the meantime. */
async function moveAway(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomUUID().slice(0, 8)}.tmp`
  try {
    await rename(path, aside)
  } catch {
    return
  }
  if ((await readFile(aside, 'utf8')) === text) await rm(aside)
  else await rename(aside, path)
}

async function readLock(
  path: string,
): Promise<{ text: string; holder: Holder | undefined; lifeSign: number } | undefined> {
  try {
    let text = await readFile(path, 'utf8')
    if (text === '') {
      await sleep(BEING_WRITTEN)
      text = await readFile(path, 'utf8')
    }
    return { text, holder: holderOf(text), lifeSign: (await stat(path)).mtimeMs }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Undefined for what is no lock: its holder died while it wrote it. */
function holderOf(text: string): Holder | undefined {
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** @param lifeSign when the lock was touched last, ms */
function lives({ pid, host, boot, started }: Holder, lifeSign: number): boolean {
  if (host !== hostname()) return Date.now() - lifeSign < DEAD_AFTER
  if (boot !== bootOf()) return false
  return isAlive(pid, started)
}
