// What crosses between hosted.ts and the program at the other end, worker.ts: messages, and for a thread two flags in
// shared memory.

import type { Structure } from '../../src/crystal/structure.ts'
import type { Attention } from '../attention.ts'
import type { EvaluateOptions, Evaluator, ModelContent } from '../evaluator.ts'
import type { SentError, SentResult } from '../sent.ts'
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

/** A call of the evaluator; `stop` is the signal of the evaluation with the same id. */
export type Request = { readonly id: number } & (
  | {
      readonly method: 'evaluate'
      readonly crystals: readonly Structure[]
      readonly outputs: readonly string[]
      readonly options: Omit<EvaluateOptions, 'signal'>
    }
  | { readonly method: 'attention'; readonly crystal: Structure }
  | { readonly method: 'stop' | 'release' }
)

/** The answer to a call. */
export interface Answer {
  readonly results?: readonly SentResult[]
  readonly attention?: Attention
  readonly error?: SentError
}

/** The answer to the request of the same id; id 0 says that the evaluator is open, and which, or why not. */
export interface Reply extends Answer {
  readonly id: number
  readonly opened?: Pick<Evaluator, 'engine' | 'note'>
}

/** Flag that is 1 while the worker is inside onnxruntime: a thread that ends there takes the whole process with it. */
export const BUSY = 0
/** Flag that the main thread sets to 1 when no more work may begin, since the process is about to exit. */
export const LEAVE = 1
