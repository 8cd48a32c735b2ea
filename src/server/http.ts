// The HTTP server that all routes are in: fastify with limits on bodies, headers and slow clients, keys, request ids, trace
// contexts, compression, and one form of errors.

import { randomUUID } from 'node:crypto'
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import multipart from '@fastify/multipart'
import swagger from '@fastify/swagger'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { LimitError } from '../errors.ts'
import { VERSION } from '../version.ts'
import { docsRoutes } from './docs.ts'
import { failureOf } from './failure.ts'
import { plain, traceOf } from './log.ts'
import { pageRoutes } from './page.ts'
import { peopleRoutes } from './people.ts'
import { restRoutes } from './rest.ts'
import type { Service } from './service.ts'
import { JSON_LENGTH } from './tensors.ts'

export interface HttpOptions {
  /** Origins of pages that may ask; `*` for all. */
  readonly cors: readonly string[]
  /** The built page, which is served at `/`. */
  readonly page?: string
  readonly tls?: { readonly key: string; readonly cert: string }
}

/** Connections at a time: each may hold a body in memory. */
const CONNECTIONS = 1024
/** ms for the headers of a request, for its body, and between requests. */
const SLOW = { headers: 10_000, body: 30_000, idle: 65_000 }
/** How often Node looks for those that are late, ms. */
const LOOK = 2_000
const HEADER_BYTES = 16_384
/** Bytes of an answer from which it is packed. */
const PACKED = 2_048
/** Files of one form. */
const FILES = 100
const JSON_WITH_CHARSET = 'application/json; charset=utf-8'

export async function httpServer(
  service: Service,
  { cors: origins, tls, page }: HttpOptions,
): Promise<FastifyInstance> {
  const { limits, log, keys } = service
  const server = {
    headersTimeout: SLOW.headers,
    connectionsCheckingInterval: LOOK,
    maxHeaderSize: HEADER_BYTES,
  }
  const app: FastifyInstance = fastify({
    ...(tls ? { https: { ...server, ...tls } } : { http: server }),
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: SLOW.body,
    connectionTimeout: limits.requestTimeoutMs + SLOW.idle,
    keepAliveTimeout: SLOW.idle,
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
  }) as unknown as FastifyInstance
  app.server.maxConnections = CONNECTIONS
  // Schemas are for the documents: requests are checked where they are read, with messages that name what is wrong.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => JSON.stringify)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  await app.register(multipart, {
    limits: {
      fileSize: limits.maxBodyBytes,
      files: FILES,
      fields: FILES,
      fieldSize: 1000,
      parts: 2 * FILES,
      headerPairs: 50,
    },
  })
  await app.register(compress, { threshold: PACKED, encodings: ['gzip', 'deflate', 'identity'] })
  if (origins.length > 0) {
    const origin = origins.includes('*') ? '*' : [...origins]
    await app.register(cors, { origin, exposedHeaders: [JSON_LENGTH, 'retry-after', 'x-request-id'] })
  }
  await app.register(swagger, {
    openapi: {
      info: {
        title: 'crystal-onnx',
        description: 'Properties of crystals from exported models',
        version: VERSION,
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    },
  })

  app.decorateRequest('client', '')
  // Hooks that wait for nothing are functions with a callback: promises would cost every request their turns.
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    reply.header('x-content-type-options', 'nosniff')
    const trace = traceOf(request.headers.traceparent)
    if (trace) reply.header('traceparent', trace)
    if (!request.routeOptions.config.open) {
      try {
        request.client = keys.holder(request.headers) ?? request.ip
      } catch (error) {
        return done(error as Error)
      }
    }
    done()
  })
  app.addHook('onSend', (_, reply, payload, done) => {
    // A connection that its client kept open would hold up the end.
    if (!service.ready()) reply.header('connection', 'close')
    // Fastify adds a charset, which JSON does not have: KServe's client then reads no message of an error.
    if (reply.getHeader('content-type') === JSON_WITH_CHARSET)
      reply.header('content-type', 'application/json')
    done(null, payload)
  })
  app.addHook('onResponse', (request, reply, done) => {
    done()
    if (request.routeOptions.config.open) return
    const { id, method, url, headers } = request
    const { statusCode: status, elapsedTime } = reply
    log.info(
      {
        id,
        trace: traceOf(headers.traceparent),
        method,
        path: plain(url.split('?')[0]),
        status,
        ms: Math.round(elapsedTime),
      },
      'request',
    )
  })
  app.setErrorHandler((error, request, reply) => answerFailure(service, error, request, reply))
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: `nothing is at ${request.method} ${plain(request.url)}; the paths stand at /docs`,
      code: 'REQUEST',
    }),
  )
  restRoutes(app, service)
  peopleRoutes(app, service)
  docsRoutes(app)
  if (page !== undefined) await pageRoutes(app, page)
  return app
}

function answerFailure(service: Service, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const { code, message, index, status } = failureOf(
    TOO_LARGE.has((error as { code?: string }).code) ? tooLarge(service.limits) : error,
  )
  if (status >= 500)
    service.log.error(
      { id: request.id, code, error: plain((error as Error).stack ?? String(error)) },
      'failed',
    )
  if (code === 'OVERLOADED') reply.header('retry-after', '1')
  return reply.code(status).send({ error: message, code, ...(index !== undefined && { index }) })
}

/** Fastify's codes for a body, and for a file of a form. */
const TOO_LARGE: ReadonlySet<string | undefined> = new Set([
  ...['FST_ERR_CTP_BODY_TOO_LARGE', 'FST_REQ_FILE_TOO_LARGE'],
])

function tooLarge({ maxBodyBytes }: Service['limits']): LimitError {
  return new LimitError(
    `a body of more than ${maxBodyBytes} bytes, which is what the server takes; send fewer crystals at a time`,
  )
}

/** That of the caller, where it is plain. */
function requestId(given: unknown): string {
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID()
}
