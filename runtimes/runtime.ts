// What every runtime is: something that evaluates one batch on one device. Choosing a device, batching and the
// card of a model are elsewhere (device.ts, predict.ts, card.ts).

import type { Batch } from '../src/periodic/types.ts'

export const DEVICES = ['cpu', 'cuda', 'webgpu'] as const
/** Where a graph runs: an execution provider of onnxruntime. */
export type Device = (typeof DEVICES)[number]

export interface Runtime {
  /** Where the graph runs. */
  readonly device: Device
  /**
   * One forward pass: the graph's output [C, targets], row by row. The arrays of `batch` may be moved to another
   * thread; do not use them afterwards. Calls are answered in order. @throws DeviceError when the device fails.
   */
  run(batch: Batch): Promise<Float32Array>
  /** Finishes the runs that were asked for and frees the device. Later runs are refused. */
  dispose(): Promise<void>
}

/** What a runtime needs to know to open a model. */
export interface RuntimeOptions {
  readonly device: Device
  /** Threads of one run. */
  readonly threads: number
}

/** The only output that an exported crystal model has. */
export const OUTPUT = 'prediction'
