// What a request over HTTP is to the service: who asks, until when, and its bytes.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { traceOf } from './log.ts'
import type { Asked } from './service.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Needs no key: probes have none. */
    readonly open?: boolean
  }
  interface FastifyRequest {
    /** Who asks: the holder of a key, or an address. */
    client: string
  }
}

export function askedBy(
  request: FastifyRequest,
  reply: FastifyReply,
  model?: string,
  version?: string,
): Asked {
  return {
    ...{ model, version, client: request.client, trace: traceOf(request.headers.traceparent) },
    onGone(listener) {
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) listener()
      })
    },
  }
}

/** The bytes of a body; empty where there is none. */
export function bodyOf({ body }: FastifyRequest): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array()
}
