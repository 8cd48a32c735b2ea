// A way to a server that speaks the Open Inference Protocol: what is asked of it, whichever way that goes.

import type { Parameters } from '../protocol.ts'
import type { Tensor } from '../tensors.ts'

/** What a model of a server takes and gives. */
export interface Description {
  /** such as `onnxruntime_onnx` */
  readonly platform: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

/** What a model is asked. */
export interface Question {
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly string[]
  readonly parameters: Parameters
}

export interface Channel {
  /** Resolves when the model is ready. @throws UpstreamError */
  ready(model: string, timeoutMs: number): Promise<void>
  /** @throws UpstreamError */
  describe(model: string, timeoutMs: number): Promise<Description>
  /** Outputs by name. @throws UpstreamError */
  infer(model: string, question: Question, timeoutMs: number): Promise<ReadonlyMap<string, Tensor>>
  /** Ends the calls under way, as a server that went away does. */
  abort(): void
  close(): void
}

/**
 * Why a server gave no answer. `gone`: it is not there, or not the model; `busy`: it takes no more for now; `failed`: it says
 * that this question has no answer.
 */
export class UpstreamError extends Error {
  readonly kind: 'gone' | 'busy' | 'failed'

  constructor(kind: UpstreamError['kind'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

/** What is read of an answer. @throws UpstreamError for one that is not of the protocol */
export function understood<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new UpstreamError('failed', `its answer is not of the protocol: ${(cause as Error).message}`, {
      cause,
    })
  }
}
