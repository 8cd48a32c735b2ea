// One onnxruntime a page: every model on a device shares it, in one worker or in the page's own thread, so that there is
// one WebAssembly memory, one GPU device, and one order of work. Engines start one after another.

import { ConfigError } from '../../src/errors.ts'
import type { DownloadOptions } from './download.ts'
import type { Host } from './host.ts'
import { type Build, fetchBinary, importHere, scriptAddress } from './onnxruntime.ts'
import { startWorker } from './worker-client.ts'

export interface EngineOptions extends Pick<DownloadOptions, 'cache' | 'signal' | 'onProgress'> {
  /** In a worker, or in the thread of the page. */
  readonly worker: boolean
  /** Undefined takes what an engine that runs has, else as many as the page may have, at most 4. */
  readonly threads?: number
  readonly wasmPaths?: string | URL
}

/** A share of an engine. */
export interface Engine {
  readonly host: Host
  readonly threads: number
  /** Gives the share back: the last one ends a worker. onnxruntime in the page's own thread stays until it is left. */
  leave(): void
}

interface Running {
  readonly host: Host
  readonly threads: number
  readonly stop: () => void
  /** false once its worker has died */
  alive: boolean
  users: number
}

/** More threads than this gain nothing on runs of about a hundred atoms. */
const MOST_THREADS = 4

const running = new Map<string, Running>()
let last: Promise<unknown> = Promise.resolve()

/**
 * A share of the page's onnxruntime of a build, started when there is none.
 * @throws DeviceError when it cannot start; ConfigError when it runs with another number of threads than asked for.
 */
export function takeEngine(build: Build, options: EngineOptions): Promise<Engine> {
  const engine = last.then(() => take(build, options))
  last = engine.catch(() => undefined)
  return engine
}

/** Cores when nobody says. */
export function defaultThreads(): number {
  return Math.min(MOST_THREADS, globalThis.navigator?.hardwareConcurrency ?? 1)
}

/**
 * Threads that a page may have of the number it wants: more than one only where memory can be shared. On WebGPU the processor
 * computes shapes only.
 */
function mostThreads(build: Build, wanted = defaultThreads()): number {
  return build === 'webgpu' || !globalThis.crossOriginIsolated ? 1 : wanted
}

async function take(build: Build, options: EngineOptions): Promise<Engine> {
  options.signal?.throwIfAborted()
  const key = `${build} ${options.worker ? 'in a worker' : 'in the page'}`
  let engine = running.get(key)
  if (!engine?.alive) {
    engine = await start(build, options)
    running.set(key, engine)
  }
  const { host, threads } = engine
  if (options.threads !== undefined && mostThreads(build, options.threads) !== threads) {
    throw new ConfigError(
      `threads ${options.threads}: onnxruntime already runs on this page with ${threads}; ` +
        (options.worker ? 'dispose the models that use it first' : 'reload the page to change it'),
    )
  }
  const taken = engine
  taken.users++
  return {
    host,
    threads,
    leave() {
      if (--taken.users > 0 || !options.worker) return
      taken.stop()
      if (running.get(key) === taken) running.delete(key)
    },
  }
}

async function start(build: Build, options: EngineOptions): Promise<Running> {
  const most = mostThreads(build, options.threads)
  // What a page that says how many it wants, or has one, need not fetch.
  const measured = async () =>
    options.threads !== undefined || most === 1 ? most : (await import('./free-cores.ts')).freeCores(most)
  const [threads, binary] = await Promise.all([measured(), fetchBinary(build, options.wasmPaths, options)])
  const engine = { threads, users: 0, alive: true }
  if (!options.worker) {
    // What a page with a worker need not fetch.
    const { hostOf } = await import('./host.ts')
    const host = hostOf(() => importHere(build))
    await host.start({ threads, binary })
    return Object.assign(engine, { host, stop: () => undefined })
  }
  const script = scriptAddress(build)
  const { host, stop } = startWorker(script === undefined ? build : 'plain', () => {
    engine.alive = false
  })
  try {
    await host.start({ threads, binary, script })
  } catch (error) {
    stop()
    throw error
  }
  return Object.assign(engine, { host, stop })
}
