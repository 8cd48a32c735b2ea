// Threads that read structure files, so that a long one holds up nobody but who sent it. Each has one task at a time: one that
// dies of it, or whose caller does not wait any more, is replaced.

import type { Worker } from 'node:worker_threads'
import { receivedError } from '../../../runtimes/sent.ts'
import type { Structure } from '../../crystal/structure.ts'
import { type CrystalOnnxError, LimitError } from '../../errors.ts'
import { startThread, type ThreadFile } from '../../threads.ts'
import type { Answer, Task } from './task.ts'

/** What was found in a file: a structure, or why it is none. */
export type Entry = { readonly warnings: readonly string[] } & (
  | { readonly structure: Structure; readonly error?: undefined }
  | { readonly structure?: undefined; readonly error: CrystalOnnxError }
)

export interface Readers {
  /** The entries of each file. @throws LimitError for files that take too much memory, the signal's reason */
  read(task: Task, signal: AbortSignal): Promise<Entry[][]>
  close(): Promise<void>
}

/** MiB that what is read may take in a thread. */
const MEMORY = 1024

/** The worker's file lies beside this one. */
const WORKER: ThreadFile = {
  script: new URL('./reading.worker.js', import.meta.url),
  source: './worker.ts',
  from: import.meta.url,
}

/** A task that waits for a thread. */
interface Waiting {
  readonly task: Task
  readonly signal: AbortSignal
  resolve(entries: Entry[][]): void
  reject(error: unknown): void
}

/** A thread, and who is told what comes of its task. */
interface Reader {
  readonly worker: Worker
  settle?: (outcome: { readonly answer: Answer } | { readonly failure: unknown }) => void
}

/** @param most threads, which start when there is something to read */
export function readersOf(most: number): Readers {
  const idle: Reader[] = []
  const all = new Set<Reader>()
  const queue: Waiting[] = []

  function proceed(): void {
    while (queue.length > 0) {
      const reader = idle.pop() ?? (all.size < most ? started() : undefined)
      if (!reader) return
      give(reader, queue.shift()!)
    }
  }

  function started(): Reader {
    const worker = startThread(WORKER, {}, { resourceLimits: { maxOldGenerationSizeMb: MEMORY } })
    const reader: Reader = { worker }
    all.add(reader)
    worker.on('message', (answer: Answer) => reader.settle?.({ answer }))
    worker.on('error', (failure) => reader.settle?.({ failure }))
    worker.on('exit', (code) =>
      reader.settle?.({ failure: new Error(`a reading thread ended with ${code}`) }),
    )
    return reader
  }

  function give(reader: Reader, { task, signal, resolve, reject }: Waiting): void {
    const stop = () => reader.settle?.({ failure: signal.reason })
    signal.addEventListener('abort', stop)
    reader.settle = (outcome) => {
      reader.settle = undefined
      signal.removeEventListener('abort', stop)
      if ('answer' in outcome) {
        idle.push(reader)
        const { answer } = outcome
        if ('fault' in answer) reject(new Error(answer.fault))
        else resolve(answer.entries.map((entries) => entries.map(received)))
      } else {
        // Whatever it is busy with is given up with it.
        all.delete(reader)
        void reader.worker.terminate()
        const { failure } = outcome
        const { code } = failure as NodeJS.ErrnoException
        reject(code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch() : failure)
      }
      proceed()
    }
    reader.worker.postMessage(task)
  }

  return {
    async read(task, signal) {
      signal.throwIfAborted()
      return new Promise((resolve, reject) => {
        const waiting: Waiting = { task, signal, resolve, reject }
        queue.push(waiting)
        signal.addEventListener('abort', () => {
          const at = queue.indexOf(waiting)
          if (at < 0) return
          queue.splice(at, 1)
          reject(signal.reason)
        })
        proceed()
      })
    },
    async close() {
      await Promise.all([...all].map(({ worker }) => worker.terminate()))
    },
  }
}

function received(entry: Extract<Answer, { entries: unknown }>['entries'][number][number]): Entry {
  const { warnings, structure, error } = entry
  return error ? { warnings, error: receivedError(error) } : { warnings, structure }
}

function tooMuch(): LimitError {
  return new LimitError(`reading it takes more than ${MEMORY} MiB of memory; send fewer structures at a time`)
}
