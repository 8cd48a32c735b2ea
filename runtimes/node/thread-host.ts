// An evaluator in a worker thread of this process. onnxruntime's native code aborts the process when its
// thread is ended under it, so the exit of the process waits for the run under way.

import { startThread, type ThreadFile } from '../../src/threads.ts'
import type { Host } from '../host.ts'
import { BUSY, LEAVE, type Start } from './worker-protocol.ts'

export interface ThreadHost extends Host {
  /** What a thread that was started ahead of it is for. */
  begin(start: Start): void
}

/** @param data what the thread has from its beginning, beside its two flags */
export function threadHost(file: ThreadFile, data: object): ThreadHost {
  const flags = new Int32Array(new SharedArrayBuffer(8))
  const worker = startThread(file, { ...data, flags })
  holdExitFor(flags)
  return {
    begin: (start) => worker.postMessage(start),
    post: (request) => worker.postMessage(request),
    onReply: (listener) => worker.on('message', listener),
    onEnd(listener) {
      worker.on('error', (cause) => {
        releaseExit(flags)
        listener(cause.message, cause)
      })
      worker.on('exit', (code) => {
        releaseExit(flags)
        listener(`it exited with code ${code}`)
      })
    },
    hold: (alive) => (alive ? worker.ref() : worker.unref()),
    async end() {
      await worker.terminate()
    },
  }
}

/** Flags of the workers that live. */
const workersAtWork = new Set<Int32Array>()
/** How long an exit waits for a run, ms. */
const LAST_RUN = 60_000

function holdExitFor(flags: Int32Array): void {
  if (workersAtWork.size === 0) process.once('exit', waitForWorkers)
  workersAtWork.add(flags)
}

function releaseExit(flags: Int32Array): void {
  workersAtWork.delete(flags)
  if (workersAtWork.size === 0) process.off('exit', waitForWorkers)
}

function waitForWorkers(): void {
  for (const flags of workersAtWork) Atomics.store(flags, LEAVE, 1)
  for (const flags of workersAtWork) Atomics.wait(flags, BUSY, 1, LAST_RUN)
}
