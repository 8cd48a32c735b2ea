// Workers side by side, each with a task at a time. One that dies is replaced, and its task begun again where its finished parts
// end; a task on which workers die again and again ends the screening.

import type { ChildProcess } from 'node:child_process'
import { DeviceError, OutputError, ScreenError } from '../errors.ts'
import { removeTemporariesOf } from '../files/temporary.ts'
import { beside, startProcess, type ThreadFile } from '../threads.ts'
import { type PartRecord, partName, placesIn } from './manifest.ts'
import type { PartListener } from './part.ts'
import type { Job, Reply, WorkerData } from './worker-protocol.ts'

const WORKER: ThreadFile = {
  script: beside(import.meta.url, 'screen.worker.js'),
  source: './worker-process.ts',
  from: import.meta.url,
}
/** Workers that may be lost to a task. */
const MOST_LOST = 3

/**
 * Does all jobs. No process is left when it ends.
 * @throws ScreenError, OutputError, DeviceError: the first that a worker fails with; the reason of the signal
 */
export async function workSideBySide(
  jobs: readonly Job[],
  count: number,
  data: WorkerData,
  listener: PartListener,
  signal?: AbortSignal,
): Promise<void> {
  const queue = [...jobs]
  const folders = Object.values(placesIn(data.settings.folder)).slice(0, 2)
  const running = new Set<ChildProcess>()
  let hasFailed = false

  /** What a worker left behind that could not tidy up. */
  const bury = (child: ChildProcess) => {
    for (const folder of folders) removeTemporariesOf(folder, child.pid!)
  }
  const endAll = () => {
    for (const child of running) child.kill('SIGKILL')
    if (running.size > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, KILL_MS)
    for (const child of running) bury(child)
  }
  process.on('exit', endAll)
  const interrupt = () => {
    for (const child of running) child.kill('SIGKILL')
  }
  signal?.addEventListener('abort', interrupt)

  async function work(): Promise<void> {
    let worker: Worker | undefined
    for (let job = queue.shift(); job !== undefined && !hasFailed && !signal?.aborted; job = queue.shift()) {
      const { number } = job
      const finished: PartRecord[] = [...job.finished]
      for (let lost = 0; ; ) {
        if (worker === undefined) {
          worker = startWorker(data)
          running.add(worker.child)
        }
        const { child } = worker
        const ended = await worker.do({ ...job, finished }, (reply) => {
          if (reply.kind === 'rows') listener.onRows(reply.count, reply.failed)
          if (reply.kind !== 'part') return
          finished.push(reply.record)
          listener.onPart(reply.record)
        })
        if (ended === undefined) break
        running.delete(child)
        worker = undefined
        bury(child)
        if (hasFailed || signal?.aborted) return
        if (++lost === MOST_LOST) {
          throw new ScreenError(
            `${lost} workers were lost to ${partName({ task: number, part: finished.length })} (${ended}); is there enough ` +
              'memory? Try fewer --workers; what is finished stays, and the same command goes on',
          )
        }
      }
    }
    await worker?.end()
    if (worker) running.delete(worker.child)
  }

  try {
    await Promise.all(
      Array.from({ length: count }, () =>
        work().catch((error) => {
          hasFailed = true
          throw error
        }),
      ),
    )
    signal?.throwIfAborted()
  } finally {
    signal?.removeEventListener('abort', interrupt)
    endAll()
    process.off('exit', endAll)
  }
}

/** What a process takes to be gone. */
const KILL_MS = 50

interface Worker {
  readonly child: ChildProcess
  /** Undefined when it is done, or how the process ended. @throws what the worker failed with */
  readonly do: (job: Job, onReply: (reply: Reply) => void) => Promise<string | undefined>
  /** Ends it, and waits until it is gone. */
  readonly end: () => Promise<void>
}

function startWorker(data: WorkerData): Worker {
  const child = startProcess<WorkerData>(WORKER, data, process.env)
  let ended: string | undefined
  let settle: ((ended: string) => void) | undefined
  const end = (how: string) => {
    ended ??= how
    settle?.(ended)
  }
  child.on('error', (error) => end(error.message))
  child.on('exit', (code, signal) => end(signal ?? `exit code ${code}`))
  return {
    child,
    async end() {
      if (ended !== undefined) return
      const gone = new Promise<void>((resolve) => (settle = () => resolve()))
      child.disconnect()
      await gone
    },
    do: (job, onReply) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return resolve(ended)
        const onMessage = (reply: Reply) => {
          if (reply.kind === 'done') finish(() => resolve(undefined))
          else if (reply.kind === 'failed') finish(() => reject(errorOf(reply)))
          else onReply(reply)
        }
        const finish = (then: () => void) => {
          child.off('message', onMessage)
          settle = undefined
          then()
        }
        settle = (how) => finish(() => resolve(how))
        child.on('message', onMessage)
        child.send(job, (error) => error && end(error.message))
      }),
  }
}

function errorOf({ code, message }: Extract<Reply, { kind: 'failed' }>): Error {
  if (code === 'OUTPUT') return new OutputError(message)
  if (code === 'DEVICE') return new DeviceError(message)
  return new ScreenError(code === 'SCREEN' ? message : `a worker failed: ${message} (${code})`)
}
