// onnxruntime-node as a Runtime. A run blocks the thread it is made in, so by default that is a worker thread and the
// event loop stays free; `worker: false` runs in the calling thread, for scripts and benchmarks.

import { availableParallelism } from 'node:os'
import { DeviceError } from '../../src/errors.ts'
import { startThread, type ThreadFile } from '../../src/threads.ts'
import type { Outputs, Runtime } from '../runtime.ts'
import { receivedError } from '../sent-error.ts'
import { buffersOf, feedsOf } from '../session.ts'
import { absentInNode } from './devices.ts'
import { openSession, type SessionOptions } from './session.ts'
import { BUSY, LEAVE, type Reply, type Request, type WorkerData } from './worker-protocol.ts'

/** More threads than this gain nothing on runs of about a hundred atoms. */
const MOST_THREADS = 4

/** Threads of a run when nobody says: as many as the process may use, at most 4. */
export function defaultThreads(): number {
  return Math.min(MOST_THREADS, availableParallelism())
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
  if (device === 'cuda' || device === 'tensorrt') keepFloat32(process.env)
  if (worker) return openWorker(bytes, inputs, options)
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

/**
 * NVIDIA's libraries round the factors of float32 products to TF32, ten bits, unless they are told not to; no golden
 * sample survives that. onnxruntime-node has no option for it. The libraries read this variable when they are first
 * loaded; where somebody set it, it stays. In a worker thread of the caller's own, whose environment is a copy, it has
 * no effect, and the self-check decides.
 */
export function keepFloat32(env: NodeJS.ProcessEnv): void {
  env.NVIDIA_TF32_OVERRIDE ??= '0'
}

async function openWorker(
  bytes: Uint8Array,
  inputs: readonly string[],
  options: SessionOptions,
): Promise<Runtime> {
  const flags = new Int32Array(new SharedArrayBuffer(8))
  const worker = startThread<WorkerData>(WORKER, { bytes, options, flags })
  holdExitFor(flags)
  const waiting = new Map<number, { resolve: (outputs: Outputs) => void; reject: (error: Error) => void }>()
  let nextId = 0
  let ended: DeviceError | undefined

  function settle(reply: Reply): void {
    const call = waiting.get(reply.id)
    waiting.delete(reply.id)
    // An idle worker must not keep the process alive.
    if (waiting.size === 0) worker.unref()
    if (reply.error) call?.reject(receivedError(reply.error))
    else call?.resolve(reply.outputs ?? {})
  }
  function end(error: DeviceError): void {
    releaseExit(flags)
    ended ??= error
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }
  function ask(request: (id: number) => Request | undefined, move: ArrayBuffer[] = []): Promise<Outputs> {
    if (ended) return Promise.reject(ended)
    return new Promise((resolve, reject) => {
      const id = nextId++
      waiting.set(id, { resolve, reject })
      worker.ref()
      const message = request(id)
      if (message) worker.postMessage(message, move)
    })
  }

  worker.on('message', settle)
  worker.on('error', (cause) => end(stopped(options.device, cause.message, cause)))
  worker.on('exit', (code) => end(stopped(options.device, `it exited with code ${code}`)))
  // Id 0 is answered without being asked: the session is open, or why it is not.
  await ask(() => undefined)
  return {
    device: options.device,
    async run(batch, outputs) {
      const feeds = feedsOf(batch, inputs)
      return ask((id) => ({ id, feeds, outputs }), buffersOf(feeds))
    },
    async dispose() {
      if (ended) return
      const done = ask((id) => ({ id, end: true }))
      ended = disposed(options.device)
      await done
      await worker.terminate()
    },
  }
}

/** Flags of the workers that live. */
const workersAtWork = new Set<Int32Array>()
/** How long an exit waits for a run, ms. */
const LAST_RUN = 60_000

/**
 * Makes the exit of the process wait until the worker is out of onnxruntime, whose native code aborts the process when
 * its thread is ended under it: a crash where there was an error message, or none.
 */
function holdExitFor(flags: Int32Array): void {
  if (workersAtWork.size === 0) process.once('exit', waitForWorkers)
  workersAtWork.add(flags)
}

function releaseExit(flags: Int32Array): void {
  workersAtWork.delete(flags)
  if (workersAtWork.size === 0) process.off('exit', waitForWorkers)
}

function waitForWorkers(): void {
  for (const flags of workersAtWork) {
    Atomics.store(flags, LEAVE, 1)
    Atomics.wait(flags, BUSY, 1, LAST_RUN)
  }
}

/** The worker's file lies beside this one. */
const WORKER: ThreadFile = {
  script: new URL('./node.worker.js', import.meta.url),
  source: new URL('./worker.ts', import.meta.url),
}

function stopped(device: string, why: string, cause?: unknown): DeviceError {
  return new DeviceError(
    `the onnxruntime worker of device ${device} stopped: ${why}; load the model again, with "worker: false" to see ` +
      'where it fails',
    { cause },
  )
}

function disposed(device: string): DeviceError {
  return new DeviceError(`the model on device ${device} was disposed; load it again`)
}
