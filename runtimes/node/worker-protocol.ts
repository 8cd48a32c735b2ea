// What a host of Node is told first: the model. A thread has two flags in shared memory.

import type { ModelContent } from '../evaluator.ts'
import type { EvaluatorOptions } from './evaluator.ts'

/** The first message that an evaluator in a thread or process gets. */
export interface Start {
  readonly model: ModelContent
  readonly options: EvaluatorOptions
}

/** What a thread has from its beginning. */
export interface WorkerData {
  /** Shared; see BUSY and LEAVE. */
  readonly flags: Int32Array
  /** Whether the fused engine is likely to be asked for. */
  readonly fused: boolean
}

/** Flag that is 1 while the worker is inside onnxruntime: a thread that ends there takes the whole process with it. */
export const BUSY = 0
/** Flag that the main thread sets to 1 when no more work may begin, since the process is about to exit. */
export const LEAVE = 1
