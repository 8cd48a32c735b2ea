// One training a folder: two would delete each other's checkpoints. The lock is a file that names the process that holds
// the folder. A process that was killed leaves it behind; the next one sees that its holder is gone and takes it over: on
// the same machine by the process id and its time of start, on another by a file that has shown no life for a while.

import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync, utimesSync } from 'node:fs'
import { readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { TrainingError } from '../errors.ts'
import { bootOf, isAlive, startOf } from '../files/processes.ts'
import { makeFolder, outputError } from '../files.ts'
import type { OnEvent } from './events.ts'

const LOCK_FILE = 'lock.json'
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

/** Does `work` while this process holds the run folder; its events are signs of life. */
export async function whileHolding<T>(
  run: {
    readonly runFolder: string
    readonly resume?: boolean
    readonly signal?: AbortSignal
    readonly onEvent?: OnEvent
  },
  work: (onEvent: OnEvent) => Promise<T>,
): Promise<T> {
  const { onEvent = () => {}, signal, resume } = run
  const onWait = (message: string) => onEvent({ type: 'warning', message })
  const lock = await holdFolder(run.runFolder, { wait: resume, signal, onWait })
  try {
    return await work((event) => {
      lock.touch()
      onEvent(event)
    })
  } finally {
    await lock.release()
  }
}

/**
 * Takes the folder (made when it is not there) for this process, until `release` or its end.
 * @param options.wait for a holder on another machine to show life, or to count as dead; else it is refused at once
 * @throws TrainingError when another process trains in it.
 */
export async function holdFolder(
  folder: string,
  options: {
    readonly wait?: boolean
    readonly signal?: AbortSignal
    readonly onWait?: (why: string) => void
  } = {},
): Promise<FolderLock> {
  await makeFolder(folder)
  const path = join(folder, LOCK_FILE)
  const { pid } = process
  const holder: Holder = { pid, host: hostname(), boot: bootOf(), started: startOf(pid) }
  const own = JSON.stringify(holder)
  while (!(await created(path, own))) await waitOrTakeOver(path, folder, options)
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
      // Somebody deleted the lock or the disk is away: training goes on, and fails where it writes.
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
      // A run that was refused leaves no empty folder.
      await rmdir(folder).catch(() => {})
    },
  }
}

/** What removes the locks of this process, several in an ensemble. */
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

/** Whether the lock could be made; false when there is one. */
async function created(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw outputError(path, error)
  }
}

/** Returns when the lock is gone or was moved out of the way. @throws TrainingError when its holder lives. */
async function waitOrTakeOver(
  path: string,
  folder: string,
  { wait, signal, onWait }: Parameters<typeof holdFolder>[1] & object,
): Promise<void> {
  const found = await readLock(path)
  if (found === undefined) return
  const { text, holder, lifeSign } = found
  if (holder !== undefined && lives(holder, lifeSign)) {
    const isHere = holder.host === hostname()
    const who = `process ${holder.pid}${isHere ? '' : ` on ${holder.host}`} trains in ${folder} already`
    const refusal = new TrainingError(`${who}; wait for it to end, or choose another folder`)
    if (isHere) throw refusal
    const ago = Math.round((Date.now() - lifeSign) / 1000)
    const life = `it showed life ${ago} s ago, and counts as dead after ${DEAD_AFTER / 1000} s without`
    if (!wait) throw new TrainingError(`${refusal.message}; ${life}`)
    onWait?.(`${who}; ${life}: waiting for that`)
    while (Date.now() - lifeSign < DEAD_AFTER) {
      await sleep(1000, undefined, { signal })
      const now = await readLock(path)
      if (now === undefined) return
      if (now.text !== text || now.lifeSign > lifeSign) throw refusal
    }
  }
  await moveAway(path, text)
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
