// What every runtime is: something that evaluates one batch on one device. Choosing a device, batching and the
// card of a model are elsewhere (choose-device.ts, predict.ts, card.ts).

import type { BatchTensor } from '../src/periodic/tensors.ts'

/** Where a graph runs: an execution provider of onnxruntime-node (all but wasm) or onnxruntime-web (webgpu, wasm). */
export type Device = 'cpu' | 'cuda' | 'tensorrt' | 'webgpu' | 'dml' | 'coreml' | 'wasm'

/** What a graph is given: a batch of crystals, or whatever tensors its inputs name. */
export interface GraphInputs {
  readonly tensors: Readonly<Record<string, BatchTensor | undefined>>
}

/** One output of a graph, row by row. */
export interface OutputTensor {
  readonly data: Float32Array
  readonly dims: readonly number[]
}

/** Outputs by name. */
export type Outputs = Readonly<Record<string, OutputTensor>>

export interface Runtime {
  /** Where the graph runs. */
  readonly device: Device
  /** What a report of the device should add, such as its threads. */
  readonly note?: string
  /**
   * One forward pass: the named outputs of the graph, by default only the prediction [C, targets]. The arrays of
   * `batch` may be moved to another thread; do not use them afterwards. Calls are answered in order.
   * @throws DeviceError when the device fails.
   */
  run(batch: GraphInputs, outputs?: readonly string[]): Promise<Outputs>
  /** Finishes the runs that were asked for and frees the device. Later runs are refused. */
  dispose(): Promise<void>
}

/** The output that every exported crystal model has: standardised targets put back into their units, [C, targets]. */
export const OUTPUT = 'prediction'
