// What HTTP and gRPC share: the models, the limits on requests, and the way that a request goes: refused when there are too
// many, ended by its deadline or when its client goes away, counted and measured.

import type { Model } from '../../runtimes/model.ts'
import { DeadlineError, InterruptedError, OverloadError } from '../errors.ts'
import type { Keys } from './auth.ts'
import { failureOf } from './failure.ts'
import { type Caller, infer } from './infer.ts'
import type { InputLimits } from './inputs.ts'
import type { Log } from './log.ts'
import type { Answered, Metrics } from './metrics.ts'
import type { InferRequest, InferResponse } from './protocol.ts'
import type { Readers } from './reading/readers.ts'
import type { Repository } from './repository.ts'
import type { StartSpan } from './spans.ts'
import type { Version } from './versions.ts'

export interface Limits extends InputLimits {
  /** bytes of a request, and of what it is when it is unpacked */
  readonly maxBodyBytes: number
  /** requests under way */
  readonly maxConcurrentRequests: number
  /** ms from a request to its answer */
  readonly requestTimeoutMs: number
}

export interface Service {
  readonly repository: Repository
  readonly limits: Limits
  readonly metrics: Metrics
  readonly log: Log
  readonly keys: Keys
  /** Threads that read structure files. */
  readonly readers: Readers
  readonly span: StartSpan
  /** Whether requests should come: not before the models are loaded, and not any more when the server is about to end. */
  ready(): boolean
  setReady(ready: boolean): void
  /** @throws OverloadError when no further request is accepted */
  refuseOverload(): void
  /** @throws what the work throws, OverloadError, UnknownModelError, DeadlineError */
  work<T>(
    protocol: Answered['protocol'],
    asked: Asked,
    task: (model: Model, caller: Caller) => Promise<T>,
  ): Promise<T>
  infer(protocol: Answered['protocol'], asked: Asked, request: InferRequest): Promise<InferResponse>
}

/** Which model is asked, by whom. */
export interface Asked {
  /** The only one, where there is no name. */
  readonly model?: string
  readonly version?: string
  readonly client: string
  /** Trace context of the caller. */
  readonly trace?: string
  /** Calls the listener when the client goes away. */
  onGone(listener: () => void): void
}

export function serviceOf(
  parts: Pick<Service, 'repository' | 'limits' | 'metrics' | 'log' | 'keys' | 'readers' | 'span'>,
): Service {
  const { repository, limits, metrics, readers } = parts
  const { maxConcurrentRequests, requestTimeoutMs } = limits
  let ready = false
  let underWay = 0

  function refuseOverload(): void {
    if (underWay < maxConcurrentRequests) return
    throw new OverloadError(`${underWay} requests are under way, as many as are accepted; try again later`)
  }

  async function work<T>(
    protocol: Answered['protocol'],
    asked: Asked,
    task: (model: Model, caller: Caller, version: Version & { readonly name: string }) => Promise<T>,
  ): Promise<T> {
    const start = performance.now()
    const span = parts.span(protocol, asked.trace)
    const stop = new AbortController()
    let name = ''
    let code = 'OK'
    const deadline = setTimeout(() => {
      stop.abort(
        new DeadlineError(`not answered within ${requestTimeoutMs / 1000} s; send fewer crystals at a time`),
      )
    }, requestTimeoutMs)
    asked.onGone(() => stop.abort(new InterruptedError('the client went away')))
    try {
      refuseOverload()
      underWay++
      metrics.concurrent(underWay)
      try {
        const version =
          asked.version === undefined
            ? repository.only(asked.model)
            : { ...repository.get(asked.model ?? '', asked.version), name: asked.model ?? '' }
        name = version.name
        return await version.use((model) =>
          task(model, { client: asked.client, signal: stop.signal, onStage: span?.onStage }, version),
        )
      } finally {
        underWay--
        metrics.concurrent(underWay)
      }
    } catch (error) {
      code = failureOf(error).code
      throw error
    } finally {
      clearTimeout(deadline)
      span?.end(name, code)
      metrics.answered({ protocol, model: name, code, seconds: (performance.now() - start) / 1000 })
    }
  }

  return {
    ...parts,
    ready: () => ready,
    setReady(value) {
      ready = value
    },
    refuseOverload,
    work,
    infer: (protocol, asked, request) =>
      work(protocol, asked, async (model, caller, { name, version }) => ({
        model_name: name,
        model_version: version,
        ...(request.id !== undefined && { id: request.id }),
        outputs: await infer(model, request, caller, limits, readers),
      })),
  }
}
