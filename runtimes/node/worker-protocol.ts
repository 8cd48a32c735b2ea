// What a host of Node is started with: the model, and for a thread two flags in shared memory.

import type { ModelContent } from '../evaluator.ts'
import type { EvaluatorOptions } from './evaluator.ts'

/** What a process is started with. */
export interface ProcessData {
  readonly model: ModelContent
  readonly options: EvaluatorOptions
}

/** What a thread is started with. */
export interface WorkerData extends ProcessData {
  /** Shared; see BUSY and LEAVE. */
  readonly flags: Int32Array
}

/** Flag that is 1 while the worker is inside onnxruntime: a thread that ends there takes the whole process with it. */
export const BUSY = 0
/** Flag that the main thread sets to 1 when no more work may begin, since the process is about to exit. */
export const LEAVE = 1
