// One process of a program that labels crystals: lines in, lines out, and an end to it when it dies, is silent or floods.
// Which crystal is whose fault is not known here.

import { type ChildProcess, spawn } from 'node:child_process'
import { type Message, type Question, readMessage } from './messages.ts'

/** Characters of a line. An answer has a hundred; what is longer is no line of the protocol. */
const MAX_LINE = 65_536
/** Characters of what a program wrote to its standard error that a failure quotes. */
const QUOTED = 300
/** ms that a program may take to end when there is nothing more to ask. */
const GRACE = 5000

export interface ProgramOptions {
  /** A line for the shell. */
  readonly command: string
  /** Seconds without an answer after which it counts as hung. */
  readonly timeout: number
  /** Told of every message; answers to what was not asked are none. What it throws ends the question. */
  readonly onMessage: (message: Message) => void
}

/** One process. */
export interface Program {
  /** Whether it takes no more questions. */
  readonly hasEnded: () => boolean
  /**
   * Asks, and waits until all is answered; the answers go to `onMessage`. One call at a time.
   * @returns why it failed, where it did; it has ended then
   */
  readonly ask: (questions: readonly Question[]) => Promise<string | undefined>
  /** Lets it end by itself, for a while. */
  readonly end: () => Promise<void>
  readonly kill: () => void
}

/** What ends each process of a program with this one. (When this one is killed, their standard input closes.) */
const living = new Set<() => void>()
let isWatched = false

export function startProgram({ command, timeout, onMessage }: ProgramOptions): Program {
  // A group of its own, so that what the shell started ends, too.
  const child = spawn(command, { shell: true, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  const waiting = new Set<string>()
  let settle: ((failure: string | undefined) => void) | undefined
  let refuse: ((error: unknown) => void) | undefined
  let timer: NodeJS.Timeout | undefined
  let hasEnded = false
  let isClosed = false
  let hasSpoken = false
  let said = ''

  // Its number may be another's when it is gone.
  const kill = () => {
    if (!isClosed) killGroup(child)
  }
  living.add(kill)
  if (!isWatched) process.once('exit', endLiving)
  isWatched = true
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.once('close', (code, signal) => {
    fail(`it ended ${signal ? `by ${signal}` : `with exit code ${code}`}`)
    isClosed = true
    living.delete(kill)
  })
  child.once('error', ({ message }) => fail(`it cannot be started: ${message}`))
  // A program that ends does not read what it was sent; that it ended is told by 'close'.
  child.stdin.on('error', () => {})
  child.stderr.setEncoding('utf8').on('data', (chunk) => (said = (said + chunk).slice(-QUOTED)))
  readLines(child, hear, () => fail(`it wrote a line of more than ${MAX_LINE} characters`))

  function hear(line: string): void {
    const message = hasEnded ? undefined : readMessage(line)
    if (message === undefined) return
    // Who it is, it says once: that is no sign of work.
    if (message.kind === 'answer' ? !waiting.delete(message.id) : hasSpoken) return
    hasSpoken = true
    wake()
    try {
      onMessage(message)
    } catch (error) {
      hasEnded = true
      kill()
      finish(() => refuse?.(error))
      return
    }
    if (waiting.size === 0) finish(() => settle?.(undefined))
  }

  function wake(): void {
    clearTimeout(timer)
    if (settle) timer = setTimeout(() => fail(`it was silent for ${timeout} s`), 1000 * timeout)
  }

  function fail(reason: string): void {
    if (hasEnded) return
    hasEnded = true
    kill()
    const quoted = said.trim().replace(/\s+/g, ' ')
    finish(() => settle?.(quoted === '' ? reason : `${reason}; it said: ${quoted}`))
  }

  function finish(tell: () => void): void {
    clearTimeout(timer)
    tell()
    settle = refuse = undefined
  }

  return {
    hasEnded: () => hasEnded,
    ask(questions) {
      return new Promise((resolve, reject) => {
        ;[settle, refuse] = [resolve, reject]
        for (const { id } of questions) waiting.add(id)
        child.stdin.write(questions.map(({ line }) => `${line}\n`).join(''))
        wake()
      })
    },
    async end() {
      hasEnded = true
      child.stdin.end()
      const late = setTimeout(kill, GRACE)
      await closed
      clearTimeout(late)
    },
    kill,
  }
}

/** Calls for every line; a line that does not end is told of once. */
function readLines({ stdout }: ChildProcess, onLine: (line: string) => void, onTooLong: () => void): void {
  let rest = ''
  stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const line of lines) if (line.length <= MAX_LINE) onLine(line)
    if (rest.length > MAX_LINE || lines.some((line) => line.length > MAX_LINE)) {
      rest = ''
      onTooLong()
    }
  })
}

function endLiving(): void {
  for (const kill of living) kill()
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It is gone.
  }
}
