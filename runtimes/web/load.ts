// Opens a model file in a browser: from an address, a file or bytes, on the fused engine or a device of
// onnxruntime-web.

import { ConfigError, DeviceError } from '../../src/errors.ts'
import type { DeviceChoice } from '../choose-device.ts'
import type { EngineChoice } from '../engine-name.ts'
import type { ModelContent } from '../evaluator.ts'
import { checkOptions, type ModelSource } from '../given.ts'
import { MODEL_OPTIONS, MOST_THREADS, type Model, type ModelOptions, openModel } from '../model.ts'
import { type Device, type Runtime, runtimeOf } from '../runtime.ts'
import { lackOf, WEB, type WebDevice } from './devices.ts'
import { defaultThreads, type EngineOptions } from './engine.ts'
import { type FusedOptions, openFused } from './fused.ts'
import { fusedWorkers } from './fused-host.ts'
import { openGraph } from './graph.ts'
import { readModel } from './source.ts'
import { canStartWorkers } from './workers.ts'

/** Where a model runs in a browser, and how it is opened. */
export interface LoadOptions extends ModelOptions {
  /**
   * Cores on wasm; by default the processor's, at most 4. The fused engine has up to so many workers, which start when there
   * is enough to do. onnxruntime divides every run, by default among the cores that are free when it starts; without
   * cross-origin isolation (docs/browser.md) it has one thread, and the device report says so.
   */
  readonly threads?: number
  /** Run in a worker (default), so that the page stays responsive; false runs in the thread of the page. */
  readonly worker?: boolean
  /** Keep downloaded files in the browser's Cache API (default), for the next visit and for use without a network. */
  readonly cache?: boolean
  /** Address of the folder that the .wasm files of onnxruntime-web are served from; by default beside its script. */
  readonly wasmPaths?: string | URL
  /**
   * The kernels of the fused engine, compiled: `crystal-onnx/kernels.wasm`, for places that start no workers and compile no
   * WebAssembly at run time, such as edge functions. `worker` is false then.
   */
  readonly kernels?: WebAssembly.Module
  /** Told when another device runs than the first of the order, and why. By default it is a warning on the console. */
  readonly onWarning?: (message: string) => void
}

const OPTIONS: Record<keyof LoadOptions, true> = {
  ...MODEL_OPTIONS,
  threads: true,
  worker: true,
  cache: true,
  wasmPaths: true,
  kernels: true,
  onWarning: true,
}

/**
 * Loads a model from an address, a File or Blob, a response of fetch, or bytes. `device: 'auto'` takes WebGPU where there is a GPU, else wasm,
 * there on the fused engine for networks that it computes. Models of a page that need onnxruntime share one: their loads and
 * runs queue.
 * @throws ModelFileError when the file cannot be used; SignatureError when `publicKey` has not signed it; DeviceError when no device runs it within the card's tolerance;
 *   ConfigError for an unknown option or device, `threads` that cannot be or other ones than onnxruntime already runs with,
 *   or no source of a model.
 */
export async function load(source: ModelSource, options: LoadOptions = {}): Promise<Model> {
  checkOptions(options, OPTIONS)
  const { threads, kernels, cache = true, wasmPaths, signal, onProgress } = options
  const worker = kernels === undefined && (options.worker ?? true) && canStartWorkers()
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS)) {
    throw new ConfigError(`threads ${threads}: expected a whole number from 1 to ${MOST_THREADS}`)
  }
  const { device = 'auto', engine } = options
  // What does not wait for the model: a look for a GPU, once, and a worker.
  const lacks = new Map((device === 'auto' ? WEB.auto : [device].flat()).map((name) => [name, lackOf(name)]))
  const refuseMissing = async (name: Device, next = ''): Promise<void> => {
    const lack = await lacks.get(name)
    if (lack?.missing) throw new DeviceError(`device ${name} cannot be used: ${lack.reason}${next}`)
  }
  // Before anything is downloaded for it.
  if (device !== 'auto' && typeof device === 'string' && WEB.devices.includes(device)) {
    refuseWithoutCode(engine, device)
    await refuseMissing(device, `; ${WEB.nextStep(device)}`)
  }
  const workers = worker && engine !== 'onnxruntime' && mayBe(WEB.fused, device) ? fusedWorkers() : undefined
  const platform = {
    ...WEB,
    absent: async (name: Device) => (await lacks.get(name))?.reason,
    warn: options.onWarning ?? WEB.warn,
  }
  const runtime: WebOptions = {
    worker,
    startWorker: workers?.start,
    kernels,
    threads,
    wasmPaths,
    cache,
    signal,
    onProgress: (progress) => onProgress?.({ stage: 'runtime', ...progress }),
  }
  const open = async (model: ModelContent, device: Device, engine: EngineChoice) => {
    await refuseMissing(device)
    try {
      return await openWeb(model, device as WebDevice, engine, runtime)
    } catch (error) {
      if (!worker || canStartWorkers()) throw error
      platform.warn?.(IN_THE_PAGE)
      const here = { ...runtime, worker: false, startWorker: undefined }
      return openWeb(model, device as WebDevice, engine, here)
    }
  }
  try {
    const read = await readModel(source, {
      cache,
      signal,
      onProgress: (progress) => onProgress?.({ stage: 'read', ...progress }),
    })
    return await openModel(read, platform, open, options)
  } finally {
    workers?.leave()
  }
}

const IN_THE_PAGE =
  'predictions run in the thread of the page, which does not start the scripts of workers: serve them as JavaScript, with the ' +
  'header Cross-Origin-Embedder-Policy where the page has it, and allow "worker-src \'self\' blob:"; or load with "worker: false"'

function mayBe(device: Device, choice: DeviceChoice): boolean {
  return choice === 'auto' || [choice].flat().includes(device)
}

function refuseWithoutCode(engine: EngineChoice | undefined, device: Device): void {
  if (engine !== 'fused' || device === WEB.fused) return
  throw new DeviceError(`the fused engine has no code for device ${device}`)
}

type WebOptions = EngineOptions & Omit<FusedOptions, 'threads'>

/**
 * Opens a model on one device: on the fused engine where that is asked for or computes it, else on onnxruntime.
 * @throws DeviceError when the device is not there or refuses the graph
 */
async function openWeb(
  model: ModelContent,
  device: WebDevice,
  engine: EngineChoice,
  options: WebOptions,
): Promise<Runtime> {
  const onnxruntime = async (because?: string) => {
    const graph = await openGraph(model, device, options)
    const note = because === undefined ? graph.note : `${graph.note}; ${because}`
    return runtimeOf({ ...graph, note }, { device, parallel: 1 })
  }
  if (engine === 'onnxruntime' || (engine === 'auto' && device !== WEB.fused)) return onnxruntime()
  refuseWithoutCode(engine, device)
  const { startWorker, kernels, threads = defaultThreads() } = options
  // Asked for later: the loading is over then, and nobody listens to it any more.
  const later = { ...options, signal: undefined, onProgress: undefined }
  try {
    return await openFused(model, { startWorker, kernels, threads }, () => openGraph(model, device, later))
  } catch (error) {
    if (engine === 'fused' || !(error instanceof DeviceError)) throw error
    return onnxruntime(error.message).catch((cause) => {
      options.signal?.throwIfAborted()
      throw new DeviceError(`${error.message}; and onnxruntime: ${cause.message}`, { cause })
    })
  }
}
