// onnxruntime-node as a Runtime. A run blocks the thread it is made in, so by default that is a worker thread and the
// event loop stays free; `worker: false` runs in the calling thread, for scripts and benchmarks. Callers that are
// themselves in a worker thread get a process: process-host.ts says why.

import { availableParallelism } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import { DeviceError } from '../../src/errors.ts'
import type { ThreadFile } from '../../src/threads.ts'
import type { Runtime } from '../runtime.ts'
import { feedsOf } from '../session.ts'
import { absentInNode } from './devices.ts'
import { setEnvironment } from './environment.ts'
import { disposed, hosted } from './hosted.ts'
import { processHost } from './process-host.ts'
import { openSession, type SessionOptions } from './session.ts'
import { threadHost } from './thread-host.ts'

/** More threads than this gain nothing on runs of about a hundred atoms. */
const MOST_THREADS = 4

/** Threads of a run when nobody says: as many as the process may use, at most 4. */
export function defaultThreads(): number {
  return Math.min(MOST_THREADS, availableParallelism())
}

/** The worker's file lies beside this one. */
const WORKER: ThreadFile = {
  script: new URL('./node.worker.js', import.meta.url),
  source: new URL('./worker.ts', import.meta.url),
}

/**
 * Opens a model on one device. `inputs` are the graph's input names: no other tensor of a batch is sent.
 * @throws DeviceError when the device is not there or refuses the graph.
 */
export async function openNode(
  bytes: Uint8Array,
  inputs: readonly string[],
  { worker, ...options }: SessionOptions & { readonly worker: boolean },
): Promise<Runtime> {
  const { device } = options
  const absent = absentInNode(device)
  if (absent !== undefined) throw new DeviceError(`device ${device} cannot be used: ${absent}`)
  if (!isMainThread) return hosted(processHost(WORKER, bytes, options), device, inputs)
  setEnvironment(process.env, device)
  return worker
    ? hosted(threadHost(WORKER, bytes, options), device, inputs)
    : openHere(bytes, inputs, options)
}

async function openHere(
  bytes: Uint8Array,
  inputs: readonly string[],
  options: SessionOptions,
): Promise<Runtime> {
  const { device } = options
  const session = await openSession(bytes, options)
  let open = true
  let last: Promise<unknown> = Promise.resolve()
  return {
    device,
    async run(batch, outputs) {
      if (!open) throw disposed(device)
      const results = last.then(() => session.run(feedsOf(batch, inputs), outputs))
      last = results.catch(() => undefined)
      return results
    },
    async dispose() {
      if (!open) return
      open = false
      await last
      await session.release()
    },
  }
}
