// What the main thread and its helpers exchange: parameters and gradients through shared memory, crystals and losses by
// message.

import { isMainThread, workerData } from 'node:worker_threads'
import type { NetworkConfig } from '../../../models/network.ts'
import { networkOf } from '../../../models/registry.ts'
import type { BackendName } from '../../engines/backends.ts'
import type { GeometrySpec } from '../../periodic/types.ts'
import type { TargetedBatch } from '../gradients.ts'
import type { TrainingOptions } from '../options.ts'

/** What a helper is started with. Both buffers hold all parameters, in the order of `slots`, as float32. */
export interface HelperData {
  /** Address of the file that defines the network, where it is not one of the toolkit. */
  readonly module: string | undefined
  /** the one of the main thread */
  readonly backend: BackendName
  readonly config: NetworkConfig
  readonly geometry: GeometrySpec
  readonly loss: TrainingOptions['loss']
  /** written by the main thread before each task */
  readonly parameters: SharedArrayBuffer
  /** written by the helper before each answer; nothing for parameters that are not trained */
  readonly gradients: SharedArrayBuffer
}

/** Whether this thread is a helper: the file of a network that is loaded in it must not start a training. */
export function isHelper(): boolean {
  return !isMainThread && (workerData as Partial<HelperData> | null)?.gradients instanceof SharedArrayBuffer
}

/** A share of a micro-batch; `count` as in GradientSource. */
export interface Task {
  readonly batch: TargetedBatch
  readonly count: number
}

/** The first message, without a loss, says that the helper has started. */
export interface Answer {
  readonly loss?: number
  readonly error?: string
}

/** A place in a buffer, in floats. */
export interface Slot {
  readonly name: string
  readonly shape: readonly number[]
  readonly start: number
  readonly end: number
}

/** Where each parameter lies. */
export function slots(config: NetworkConfig): Slot[] {
  let start = 0
  return [...networkOf(config).parameterShapes(config)].map(([name, shape]) => {
    const end = start + shape.reduce((product, size) => product * size, 1)
    const slot = { name, shape, start, end }
    start = end
    return slot
  })
}

/** Shared memory for all parameters. */
export function sharedParameters(config: NetworkConfig): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * slots(config).at(-1)!.end)
}
