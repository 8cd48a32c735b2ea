// A model in Node as a Runtime. Tables and runs block the thread that they are made in, so by default those
// are worker threads, one a core when there is enough to do, and the event loop stays free; `worker: false` works in the
// calling thread, for scripts. Processes outlive what kills one of them; callers that are themselves in a worker thread get
// one: process-host.ts says why.

import { isMainThread } from 'node:worker_threads'
import { usableCores } from '../../src/cores.ts'
import { DeviceError } from '../../src/errors.ts'
import { beside, isThere, type ThreadFile } from '../../src/threads.ts'
import type { ModelContent } from '../evaluator.ts'
import type { Host } from '../host.ts'
import { hosted } from '../hosted.ts'
import { pooled } from '../pool.ts'
import { type Runtime, runtimeOf } from '../runtime.ts'
import type { Apart } from './apart.ts'
import { absentInNode, type NodeDevice } from './devices.ts'
import { setEnvironment } from './environment.ts'
import type { EvaluatorOptions } from './evaluator.ts'
import { processHost } from './process-host.ts'
import { type ThreadHost, threadHost } from './thread-host.ts'

/** Cores when nobody says: all that the process may use. */
export function defaultThreads(): number {
  return usableCores()
}

/** The worker's file lies beside this one. */
const WORKER: ThreadFile = {
  script: beside(import.meta.url, 'node.worker.js'),
  source: './worker.ts',
  from: import.meta.url,
}

const NO_WORKER =
  'predictions run in the thread that asks for them, on one core: the file node.worker.js of crystal-onnx is not where its ' +
  'code is; tell the bundler to leave the package as it is (esbuild --external:crystal-onnx, serverExternalPackages of ' +
  'Next.js, bun build --external crystal-onnx) and put node_modules/crystal-onnx beside the bundle, or ask for "worker: false"'

/** A thread that starts while the file is read; who opens a model there takes it, once. */
export interface Ahead {
  take(): ThreadHost | undefined
  /** Ends one that nobody took. */
  leave(): Promise<void>
}

/** Undefined where evaluators are in no threads. @param fused whether the fused engine is likely to be asked for */
export function startAhead(worker: Apart, fused: boolean): Ahead | undefined {
  if (worker !== true || !isMainThread || !isThere(WORKER)) return undefined
  let host: ThreadHost | undefined = threadHost(WORKER, { fused })
  const take = () => {
    const taken = host
    host = undefined
    return taken
  }
  return {
    take,
    async leave() {
      await take()?.end()
    },
  }
}

/** Opens a model on one device. @param warn told of what runs otherwise than was asked for. @throws DeviceError when the device is not there or refuses the graph. */
export async function openNode(
  model: ModelContent,
  { worker, ahead, ...options }: EvaluatorOptions & { readonly worker: Apart; readonly ahead?: Ahead },
  warn: (message: string) => void = () => {},
): Promise<Runtime> {
  const { device } = options
  refuseAbsent(device)
  const apart = isThere(WORKER)
  if (!apart && (worker || !isMainThread)) warn(NO_WORKER)
  if (apart && (worker === 'process' || !isMainThread)) {
    const host = () => processHost(WORKER, { model, options })
    return openApart(host, options, worker === 'process')
  }
  setEnvironment(process.env, device)
  if (apart && worker) {
    const start = { model: { ...model, bytes: inSharedMemory(model.bytes) }, options }
    const host = () => {
      const thread = ahead?.take() ?? threadHost(WORKER, { fused: false })
      thread.begin(start)
      return thread
    }
    return openApart(host, options, true)
  }
  // What a caller with workers need not load.
  const { evaluatorHere } = await import('./evaluator.ts')
  return runtimeOf(await evaluatorHere(model, options), { device, parallel: 1 })
}

/** @throws DeviceError for a device that cannot be here */
export function refuseAbsent(device: NodeDevice): void {
  const absent = absentInNode(device)
  if (absent !== undefined) throw new DeviceError(`device ${device} cannot be used: ${absent}`)
}

/** @param several as many as there are cores, where there is enough to do */
async function openApart(
  host: () => Host,
  { device, threads }: EvaluatorOptions,
  several: boolean,
): Promise<Runtime> {
  const open = () => hosted(host(), device)
  const start = performance.now()
  const first = await open()
  const startMs = performance.now() - start
  // A GPU is one, and busy with one evaluator.
  const parallel = several && device === 'cpu' ? threads : 1
  return runtimeOf(pooled(first, { open, most: parallel, startMs }), { device, parallel })
}

/** Threads share the file instead of having a copy each. */
function inSharedMemory(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
  shared.set(bytes)
  return shared
}
