// Opens a model file in Node: from bytes, a path or an address, on a device of onnxruntime-node.

import { ConfigError } from '../../src/errors.ts'
import { type Model, type ModelOptions, openModel } from '../model.ts'
import { NODE, type NodeDevice } from './devices.ts'
import { defaultThreads, openNode } from './open.ts'
import { readModel } from './source.ts'

export interface LoadOptions extends ModelOptions {
  /** Threads of one run; by default the cores this process may use, at most 4. */
  readonly threads?: number
  /** Run in a worker thread (default), so that the event loop stays free; false runs in the calling thread. */
  readonly worker?: boolean
}

/**
 * Loads a model from bytes, a path, or an http(s) or file address. `device: 'auto'` takes CUDA where it is installed,
 * else the CPU.
 * @throws ModelFileError when the file cannot be used; DeviceError when no device runs it within the card's tolerance;
 *   ConfigError for `threads` below 1 or an unknown device.
 */
export async function load(source: string | URL | Uint8Array, options: LoadOptions = {}): Promise<Model> {
  const { threads = defaultThreads(), worker = true, signal, onProgress } = options
  if (!Number.isInteger(threads) || threads < 1) {
    throw new ConfigError(`threads ${threads}: expected a positive whole number`)
  }
  const read = await readModel(source, {
    signal,
    onProgress: (progress) => onProgress?.({ stage: 'read', ...progress }),
  })
  const open = (inputs: readonly string[], device: string) =>
    openNode(read.bytes, inputs, { device: device as NodeDevice, threads, worker })
  return openModel(read, NODE, open, options)
}
