// Opens a model file in Node: from bytes, a path or an address, on a device of onnxruntime-node.

import { ConfigError } from '../../src/errors.ts'
import type { EngineChoice } from '../engine-name.ts'
import type { ModelContent } from '../evaluator.ts'
import { checkOptions, type ModelSource } from '../given.ts'
import { MODEL_OPTIONS, MOST_THREADS, type Model, type ModelOptions, openModel } from '../model.ts'
import type { Device } from '../runtime.ts'
import type { Apart } from './apart.ts'
import { NODE, type NodeDevice } from './devices.ts'
import { defaultThreads, openNode, startAhead } from './open.ts'
import { readModel } from './source.ts'

/** Where a model runs in Node, and how it is opened. */
export interface LoadOptions extends ModelOptions {
  /**
   * Cores in all; by default those that this process may use. On the CPU each has a thread of its own when there are many
   * crystals to predict, and a large cell alone is divided between them.
   */
  readonly threads?: number
  /**
   * Work in worker threads (default), so that the event loop stays free; false works in the calling thread. `process`: in
   * processes, each with a copy of the model; one that is killed is replaced, and takes nothing with it.
   */
  readonly worker?: Apart
  /** Which GPU, for cuda, tensorrt and dml: 0, the default, is the first. */
  readonly deviceId?: number
  /**
   * Told when another device runs than the first of the order, and why. By default it is a warning of the process, once
   * for each text.
   */
  readonly onWarning?: (message: string) => void
}

const OPTIONS: Record<keyof LoadOptions, true> = {
  ...MODEL_OPTIONS,
  threads: true,
  worker: true,
  deviceId: true,
  onWarning: true,
}

/**
 * Loads a model from a path, the name of one that comes with the package, an http(s) or file address, a Blob, a response of
 * fetch, or bytes. `device: 'auto'` takes CUDA where it is installed,
 * else the CPU, with a warning.
 * @throws ModelFileError when the file cannot be used; SignatureError when `publicKey` has not signed it; DeviceError when no device runs it within the card's tolerance;
 *   ConfigError for an unknown option or device, `threads` or `deviceId` that cannot be, or no source of a model.
 */
export async function load(source: ModelSource, options: LoadOptions = {}): Promise<Model> {
  checkOptions(options, OPTIONS)
  const { threads = defaultThreads(), worker = true, deviceId = 0, signal, onProgress } = options
  if (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS) {
    throw new ConfigError(`threads ${threads}: expected a whole number from 1 to ${MOST_THREADS}`)
  }
  if (!Number.isInteger(deviceId) || deviceId < 0) {
    throw new ConfigError(`deviceId ${deviceId}: expected a whole number from 0`)
  }
  const ahead = startAhead(worker, options.engine !== 'onnxruntime')
  try {
    const read = await readModel(source, {
      signal,
      onProgress: (progress) => onProgress?.({ stage: 'read', ...progress }),
    })
    const warn = options.onWarning ?? NODE.warn
    const open = (model: ModelContent, device: Device, engine: EngineChoice) =>
      openNode(model, { engine, device: device as NodeDevice, threads, worker, deviceId, ahead }, warn)
    return await openModel(read, { ...NODE, warn }, open, options)
  } finally {
    await ahead?.leave()
  }
}
