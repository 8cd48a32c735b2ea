// What an evaluator answers, on its way between threads: errors, of which a copy keeps the message but not the class, and
// typed arrays, whose memory moves.

import { codedError } from '../src/coded-error.ts'
import { CrystalOnnxError, DeviceError } from '../src/errors.ts'
import type { Rows } from './evaluator.ts'

export interface SentError {
  readonly message: string
  readonly code: string
}

/** What is sent of an error: of one that is not ours, as the device's. */
export function sentError(error: unknown): SentError {
  const { message } = error as Error
  return { message, code: error instanceof CrystalOnnxError ? error.code : 'DEVICE' }
}

/** The error in the class that it had on the other side. */
export function receivedError({ message, code }: SentError): CrystalOnnxError {
  return codedError(code, message) ?? new DeviceError(message)
}

/** The result of one crystal. */
export type SentResult = Rows | { readonly error: SentError }

export function sentResults(results: readonly (Rows | CrystalOnnxError)[]): SentResult[] {
  return results.map((result) => (result instanceof CrystalOnnxError ? { error: sentError(result) } : result))
}

export function receivedResults(results: readonly SentResult[]): (Rows | CrystalOnnxError)[] {
  return results.map((result) => ('error' in result ? receivedError(result.error) : result))
}

/** The memory of the typed arrays in an answer, once each: rows are views of those of a run. */
export function buffersIn(answer: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>()
  const look = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) found.add(value.buffer as ArrayBuffer)
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look)
  }
  look(answer)
  return [...found]
}
