// What crosses between engine.ts and its worker: calls of a Host by name, and their answers.

import type { SentError, SentResult } from '../sent.ts'
import type { Host } from './host.ts'

/** What the names of our workers begin with. onnxruntime starts threads of its own from the same script. */
export const WORKER_NAME = 'crystal-onnx'

export type Method = keyof Host

export type Call = {
  [M in Method]: { readonly id: number; readonly method: M; readonly args: Parameters<Host[M]> }
}[Method]

/** A call, or the signal of the evaluation with the same id. */
export type Request = Call | { readonly id: number; readonly method: 'stop' }

/** What a method gives, as it crosses. */
export type Sent<M extends Method> = M extends 'evaluate'
  ? readonly SentResult[]
  : Awaited<ReturnType<Host[M]>>

export type Reply = { readonly id: number } & (
  | { readonly result: Sent<Method> }
  | { readonly error: SentError }
)
