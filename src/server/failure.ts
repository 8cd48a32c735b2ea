// What a failure is called in an answer: the code of its class, and the numbers that HTTP and gRPC have for it.

import { CrystalOnnxError } from '../errors.ts'

export interface Failure {
  readonly code: string
  readonly message: string
  /** Which crystal of the request, from 0, where it is one. */
  readonly index?: number
  /** Status of HTTP. */
  readonly status: number
  /** Status of gRPC. */
  readonly grpc: number
}

/** By the code of the class: status of HTTP, status of gRPC. */
const STATUS: Readonly<Record<string, readonly [status: number, grpc: number]>> = {
  ACCESS: [401, 16],
  CONFIG: [400, 3],
  DEADLINE: [504, 4],
  DEVICE: [503, 14],
  DOMAIN: [422, 3],
  ELEMENT: [422, 3],
  INTERRUPTED: [499, 1],
  LIMIT: [413, 3],
  MODEL_FILE: [500, 13],
  OVERLOADED: [429, 8],
  PARSE: [422, 3],
  REQUEST: [400, 3],
  STRUCTURE: [422, 3],
  UNKNOWN_MODEL: [404, 5],
}
const INTERNAL = [500, 13] as const

/** Status of HTTP for a code. */
export function statusOf(code: string): number {
  return (STATUS[code] ?? INTERNAL)[0]
}

/** The error of one crystal of a request. */
export class AtCrystal extends Error {
  readonly index: number
  readonly error: CrystalOnnxError

  constructor(index: number, error: CrystalOnnxError) {
    super(`crystal ${index}: ${error.message}`, { cause: error })
    this.index = index
    this.error = error
  }
}

/** What is told of an error: of one that is not ours nothing but that it is there. */
export function failureOf(error: unknown): Failure {
  if (error instanceof AtCrystal)
    return { ...failureOf(error.error), message: error.message, index: error.index }
  if (error instanceof CrystalOnnxError) {
    const [status, grpc] = STATUS[error.code] ?? INTERNAL
    return { code: error.code, message: error.message, status, grpc }
  }
  // Of fastify and what it uses: a body that is too large, a type that nobody reads.
  const { statusCode, message } = (error ?? {}) as { statusCode?: unknown; message?: string }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return {
      code: statusCode === 413 ? 'LIMIT' : 'REQUEST',
      message: String(message),
      status: statusCode,
      grpc: 3,
    }
  }
  return {
    code: 'INTERNAL',
    message: 'the server failed; its log says more',
    status: INTERNAL[0],
    grpc: INTERNAL[1],
  }
}
