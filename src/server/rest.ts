// The Open Inference Protocol, version 2, over HTTP: health, metadata, inference, and the repository extension.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Card } from '../../runtimes/card.ts'
import { RequestError } from '../errors.ts'
import { askedBy, bodyOf } from './asked.ts'
import { modelMetadata, SERVER_METADATA } from './metadata.ts'
import { readRequest, writeResponse } from './protocol.ts'
import { INDEX, INFER, METADATA, SERVER } from './schemas.ts'
import type { Service } from './service.ts'
import { JSON_LENGTH } from './tensors.ts'

interface Named {
  Params: { readonly name: string; readonly version?: string }
}

export function restRoutes(app: FastifyInstance, service: Service): void {
  const { repository, metrics } = service
  const open = { config: { open: true } }
  const ready = (is: boolean, reply: FastifyReply) => reply.code(is ? 200 : 503).send({ ready: is })
  const health = (summary: string) => ({ ...open, schema: { summary, tags: ['health'] } })

  app.get('/v2/health/live', health('whether the server runs'), async () => ({ live: true }))
  app.get('/v2/health/ready', health('whether it takes requests'), async (_, reply) =>
    ready(service.ready(), reply),
  )
  app.get('/v2', { schema: SERVER }, async () => SERVER_METADATA)
  app.get(
    '/metrics',
    { schema: { summary: 'what was counted, for Prometheus', tags: ['server'] } },
    async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  )

  for (const at of ['/v2/models/:name', '/v2/models/:name/versions/:version']) {
    app.get<Named>(at, { schema: METADATA }, async ({ params: { name, version } }) =>
      modelMetadata(name, repository.get(name, version)),
    )
    app.get<Named>(
      `${at}/card`,
      { schema: { summary: 'what the file of a model says of it', tags: ['models'] } },
      async ({ params: { name, version } }) => plainCard(repository.get(name, version).model.card),
    )
    const tags = ['health']
    app.get<Named>(
      `${at}/ready`,
      { schema: { summary: 'whether a model answers', tags } },
      async (request, reply) => {
        const { name, version } = request.params
        repository.get(name, version)
        return ready(service.ready(), reply)
      },
    )
    app.post<Named>(`${at}/infer`, { schema: INFER, onRequest: async () => service.refuseOverload() }, infer)
  }

  async function infer(request: FastifyRequest<Named>, reply: FastifyReply) {
    const { name, version = '' } = request.params
    const start = performance.now()
    const asked = readRequest(bodyOf(request), jsonLength(request.headers[JSON_LENGTH]))
    metrics.stage('read', (performance.now() - start) / 1000)
    const response = await service.infer('http', askedBy(request, reply, name, version), asked)
    const answered = performance.now()
    const { body, jsonLength: length } = writeResponse(response, asked)
    metrics.stage('write', (performance.now() - answered) / 1000)
    if (length !== undefined) reply.header(JSON_LENGTH, length).type('application/octet-stream')
    else reply.type('application/json')
    return reply.send(body)
  }

  app.post('/v2/repository/index', { schema: INDEX }, async () => repository.index())
  const change = (summary: string) => ({ schema: { summary, tags: ['models'] } })
  app.post<Named>(
    '/v2/repository/models/:name/load',
    change('load a model, or load it again'),
    async ({ params }) => {
      await repository.load(params.name)
      return {}
    },
  )
  app.post<Named>('/v2/repository/models/:name/unload', change('let go of a model'), async ({ params }) => {
    await repository.unload(params.name)
    return {}
  })
}

/** @throws RequestError */
function jsonLength(header: unknown): number | undefined {
  if (header === undefined) return undefined
  if (typeof header === 'string' && /^\d{1,12}$/.test(header)) return Number(header)
  throw new RequestError(`header ${JSON_LENGTH}: expected the length of the JSON, a whole number`)
}

/** A card without what only its runtime reads. */
function plainCard({ golden: _, domain, ...card }: Card) {
  const { features, ...seen } = domain ?? {}
  return { ...card, ...(domain && { domain: seen }) }
}
