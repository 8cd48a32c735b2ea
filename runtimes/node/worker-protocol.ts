// What crosses between hosted.ts and the program at the other end, worker.ts: messages, and for a thread two flags in
// shared memory.

import type { Outputs } from '../runtime.ts'
import type { SentError } from '../sent-error.ts'
import type { Feeds } from '../session.ts'
import type { SessionOptions } from './session.ts'

/** What a process is started with. */
export interface ProcessData {
  readonly bytes: Uint8Array
  readonly options: SessionOptions
}

/** What a thread is started with. */
export interface WorkerData extends ProcessData {
  /** Shared; see BUSY and LEAVE. */
  readonly flags: Int32Array
}

/** A run, or the wish to end. */
export type Request = { readonly id: number } & (
  | { readonly feeds: Feeds; readonly outputs?: readonly string[] }
  | { readonly end: true }
)

/** The answer to the request of the same id; id 0 says that the session is open, or why not. */
export interface Reply {
  readonly id: number
  readonly outputs?: Outputs
  readonly error?: SentError
}

/** Flag that is 1 while the worker is inside onnxruntime: a thread that ends there takes the whole process with it. */
export const BUSY = 0
/** Flag that the main thread sets to 1 when no more work may begin, since the process is about to exit. */
export const LEAVE = 1
