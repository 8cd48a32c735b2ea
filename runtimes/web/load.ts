// Opens a model file in a browser: from an address, a file or bytes, on a device of onnxruntime-web.

import { ConfigError } from '../../src/errors.ts'
import type { Evaluator, ModelContent } from '../evaluator.ts'
import { type Model, type ModelOptions, openModel } from '../model.ts'
import { type Device, type Runtime, runtimeOf } from '../runtime.ts'
import { WEB, type WebDevice } from './devices.ts'
import { type Engine, type EngineOptions, takeEngine } from './engine.ts'
import { type ModelSource, readModel } from './source.ts'

/** Where a model runs in a browser, and how it is opened. */
export interface LoadOptions extends ModelOptions {
  /**
   * Threads of one run on wasm; by default the processor's, at most 4. Without cross-origin isolation (docs/browser.md)
   * there is one, and the device report says so.
   */
  readonly threads?: number
  /** Run in a worker (default), so that the page stays responsive; false runs in the thread of the page. */
  readonly worker?: boolean
  /** Keep downloaded files in the browser's Cache API (default), for the next visit and for use without a network. */
  readonly cache?: boolean
  /** Address of the folder that the .wasm files of onnxruntime-web are served from; by default beside its script. */
  readonly wasmPaths?: string | URL
  /** Told when another device runs than the first of the order, and why. By default it is a warning on the console. */
  readonly onWarning?: (message: string) => void
}

/**
 * Loads a model from an address, a File or Blob, or bytes. `device: 'auto'` takes WebGPU where there is a GPU, else wasm.
 * Models of a page share one onnxruntime: their loads and runs queue.
 * @throws ModelFileError when the file cannot be used; DeviceError when no device runs it within the card's tolerance;
 *   ConfigError for `threads` below 1, or other ones than onnxruntime already runs with, or an unknown device.
 */
export async function load(source: ModelSource, options: LoadOptions = {}): Promise<Model> {
  const { threads, worker = true, cache = true, wasmPaths, signal, onProgress } = options
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1)) {
    throw new ConfigError(`threads ${threads}: expected a positive whole number`)
  }
  const read = await readModel(source, {
    cache,
    signal,
    onProgress: (progress) => onProgress?.({ stage: 'read', ...progress }),
  })
  const engine: EngineOptions = {
    worker,
    threads,
    wasmPaths,
    cache,
    signal,
    onProgress: (progress) => onProgress?.({ stage: 'runtime', ...progress }),
  }
  const open = (model: ModelContent, device: Device) => openWeb(model, device as WebDevice, engine)
  return openModel(read, { ...WEB, warn: options.onWarning ?? WEB.warn }, open, options)
}

/** Opens a model on one device. @throws DeviceError when the device is not there or refuses the graph */
async function openWeb(model: ModelContent, device: WebDevice, options: EngineOptions): Promise<Runtime> {
  const engine = await takeEngine(device, options)
  const { host, leave } = engine
  let opened: number
  try {
    opened = await host.open('onnxruntime', model, device)
  } catch (error) {
    leave()
    throw error
  }
  const evaluator: Evaluator = {
    engine: 'onnxruntime',
    note: device === 'wasm' ? threadNote(engine, options) : undefined,
    evaluate: (...call) => host.evaluate(opened, ...call),
    attention: (crystal) => host.attention(opened, crystal),
    release: () => host.release(opened).finally(leave),
  }
  return runtimeOf(evaluator, { device, parallel: 1 })
}

/** How many threads run, and why only one where more could be had. */
function threadNote({ threads }: Engine, options: EngineOptions): string {
  const count = threads === 1 ? '1 thread' : `${threads} threads`
  return crossOriginIsolated || options.threads === 1
    ? count
    : `${count}: the page is not cross-origin isolated, its COOP and COEP headers are missing`
}
