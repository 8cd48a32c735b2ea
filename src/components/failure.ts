// An error as the page shows it: the stable code of its class, and a message that says what to do next.

import { CrystalOnnxError } from '../errors.ts'

export interface Failure {
  readonly code: string
  readonly message: string
}

/** What is shown of an error. One that nobody threw on purpose keeps its message under the code INTERNAL. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CrystalOnnxError) return { code: error.code, message: error.message }
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) }
}
