// What crosses between engine.ts and its worker: calls of a Host by name, and their answers.

import type { SentError } from '../sent-error.ts'
import type { Host } from './host.ts'

/** What the names of our workers begin with. onnxruntime starts threads of its own from the same script. */
export const WORKER_NAME = 'crystal-onnx'

export type Method = keyof Host

export type Request = {
  [M in Method]: { readonly id: number; readonly method: M; readonly args: Parameters<Host[M]> }
}[Method]

export type Reply = { readonly id: number } & (
  | { readonly result: Awaited<ReturnType<Host[Method]>> }
  | { readonly error: SentError }
)
