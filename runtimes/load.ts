// Opens a model file on a device: read, check the card, open, self-check. What a program that predicts needs.

import type { Structure } from '../src/crystal/structure.ts'
import { ConfigError } from '../src/errors.ts'
import type { Card } from './card.ts'
import { chooseDevice, type DeviceChoice } from './device.ts'
import { readModelFile } from './model-file.ts'
import { defaultThreads, openNode } from './node.ts'
import { type ManyOptions, type Outcome, type Prediction, predictMany, predictOne } from './predict.ts'
import type { Device } from './runtime.ts'
import { selfCheck } from './self-check.ts'
import { readModel } from './source.ts'

export interface LoadOptions {
  /** `auto` takes the first device that passes the self-check: CUDA when it is installed, else the CPU. */
  readonly device?: DeviceChoice
  /** Threads of one run; by default the cores this process may use, at most 4. */
  readonly threads?: number
  /** Run in a worker thread (default), so that the event loop stays free; false runs in the calling thread. */
  readonly worker?: boolean
  /** Evaluate the golden samples before the model is handed out (default). */
  readonly selfCheck?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: LoadProgress) => void
}

export type LoadProgress =
  | { readonly stage: 'read'; readonly loaded: number; readonly total?: number }
  | { readonly stage: 'open' | 'check'; readonly device: Device }

export interface Model {
  /** What the model predicts, from what, and how well. */
  readonly card: Card
  readonly device: Device
  /** One line: the device that runs, and why others were passed over. */
  readonly deviceReport: string
  /** Largest relative error on the golden samples; undefined when the self-check was switched off. */
  readonly goldenError: number | undefined
  /** The value of one crystal. Calls may overlap. @throws StructureError, ElementError, LimitError, DeviceError */
  predict(structure: Structure): Promise<Prediction>
  /** The values of many crystals in input order, with the error of each that failed. Batches by total atoms. */
  predictMany(
    structures: Iterable<Structure> | AsyncIterable<Structure>,
    options?: ManyOptions,
  ): AsyncGenerator<Outcome, void, undefined>
  /** Ends the worker and frees the device once the runs under way are done. */
  dispose(): Promise<void>
}

/**
 * Loads a model from bytes, a path, or an http(s) or file address.
 * @throws ModelFileError when the file cannot be used; DeviceError when no device runs it within the card's tolerance;
 *   ConfigError for `threads` below 1.
 */
export async function load(source: string | URL | Uint8Array, options: LoadOptions = {}): Promise<Model> {
  const { device = 'auto', threads = defaultThreads(), worker = true, signal, onProgress } = options
  if (!Number.isInteger(threads) || threads < 1) {
    throw new ConfigError(`threads ${threads}: expected a positive whole number`)
  }
  const { bytes, file } = await readModel(source, {
    signal,
    onProgress: (progress) => onProgress?.({ stage: 'read', ...progress }),
  })
  const { card, inputs } = readModelFile(bytes, file)
  let goldenError: number | undefined

  const { runtime, report } = await chooseDevice(device, async (device) => {
    signal?.throwIfAborted()
    onProgress?.({ stage: 'open', device })
    const runtime = await openNode(bytes, inputs, { device, threads, worker })
    if (options.selfCheck === false) return runtime
    onProgress?.({ stage: 'check', device })
    try {
      goldenError = await selfCheck(card, runtime)
      signal?.throwIfAborted()
      return runtime
    } catch (error) {
      await runtime.dispose()
      throw error
    }
  })
  return {
    card,
    device: runtime.device,
    deviceReport: report,
    goldenError,
    predict: (structure) => predictOne(card, runtime, structure),
    predictMany: (structures, options) => predictMany(card, runtime, structures, options),
    dispose: () => runtime.dispose(),
  }
}
