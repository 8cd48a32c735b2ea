// The Open Inference Protocol, version 2, over gRPC: `inference.GRPCInferenceService`.

import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
} from '@grpc/grpc-js'
import { UnknownModelError } from '../errors.ts'
import { failureOf } from './failure.ts'
import { type InferMessage, messageOf, requestOf } from './grpc-messages.ts'
import { grpcService } from './grpc-service.ts'
import type { HttpOptions } from './http.ts'
import { plain, traceOf } from './log.ts'
import { modelMetadata, SERVER_METADATA } from './metadata.ts'
import type { Service } from './service.ts'

/** What a call gives, given its message and who sent it. */
type Method<Message> = (message: Message, call: Call) => unknown

interface Call {
  readonly client: string
  readonly trace: string | undefined
  onGone(listener: () => void): void
}

interface Named {
  readonly name: string
  readonly version: string
}

export function grpcServer(service: Service): Server {
  const { repository, limits } = service
  const server = new Server({
    'grpc.max_receive_message_length': limits.maxBodyBytes,
    // Answers are as large as requests of so many crystals make them.
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': 256,
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 20_000,
  })
  const methods = {
    serverLive: () => ({ live: true }),
    serverReady: () => ({ ready: service.ready() }),
    modelReady: ({ name, version }: Named) => ({ ready: service.ready() && answers(name, version) }),
    serverMetadata: () => SERVER_METADATA,
    modelMetadata: ({ name, version }: Named) => modelMetadata(name, repository.get(name, version)),
    modelInfer: async (message: InferMessage, { client, trace, onGone }: Call) => {
      service.refuseOverload()
      const asked = { model: message.model_name, version: message.model_version, client, trace, onGone }
      return messageOf(await service.infer('grpc', asked, requestOf(message)))
    },
    repositoryIndex: ({ ready }: { readonly ready: boolean }) => ({
      models: repository.index().filter(({ state }) => !ready || state === 'READY'),
    }),
    repositoryModelLoad: async ({ model_name }: { readonly model_name: string }) => {
      await repository.load(model_name)
      return {}
    },
    repositoryModelUnload: async ({ model_name }: { readonly model_name: string }) => {
      await repository.unload(model_name)
      return {}
    },
  }
  function answers(name: string, version: string): boolean {
    try {
      repository.get(name, version)
      return true
    } catch (error) {
      if (error instanceof UnknownModelError) return false
      throw error
    }
  }
  /** Probes have no key. */
  const open = new Set(['serverLive', 'serverReady'])
  const handlers = Object.entries(methods).map(([name, method]) => [
    name,
    handler(service, name, open.has(name), method as Method<never>),
  ])
  server.addService(grpcService(), Object.fromEntries(handlers))
  return server
}

function handler(
  service: Service,
  name: string,
  open: boolean,
  method: Method<never>,
): handleUnaryCall<never, unknown> {
  const { keys, log } = service
  return (call, callback) => {
    const start = performance.now()
    const trace = traceOf(first(call, 'traceparent'))
    const answer = async () => {
      const address = call.getPeer().replace(/:\d+$/, '')
      const headers = { authorization: first(call, 'authorization'), 'x-api-key': first(call, 'x-api-key') }
      const client = (open ? undefined : keys.holder(headers)) ?? address
      return method(call.request, { client, trace, onGone: (listener) => call.once('cancelled', listener) })
    }
    const done = (code: string) => {
      if (open) return
      const ms = Math.round(performance.now() - start)
      log.info({ id: plain(first(call, 'x-request-id') ?? ''), trace, method: name, code, ms }, 'call')
    }
    answer().then(
      (message) => {
        done('OK')
        callback(null, message)
      },
      (error) => {
        const { code, message, grpc, index } = failureOf(error)
        done(code)
        if (code === 'INTERNAL')
          log.error({ code, error: plain((error as Error).stack ?? String(error)) }, 'failed')
        const metadata = new Metadata()
        metadata.set('crystal-onnx-code', code)
        if (index !== undefined) metadata.set('crystal-onnx-index', String(index))
        callback({ code: grpc, details: message.slice(0, 1000), metadata })
      },
    )
  }
}

function first(call: ServerUnaryCall<unknown, unknown>, header: string): string | undefined {
  const [value] = call.metadata.get(header)
  return typeof value === 'string' ? value : undefined
}

/** Listens, and resolves to the port. @throws what the system says */
export function listenGrpc(server: Server, address: string, tls: HttpOptions['tls']): Promise<number> {
  const credentials = tls
    ? ServerCredentials.createSsl(null, [
        { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) },
      ])
    : ServerCredentials.createInsecure()
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => (error ? reject(error) : resolve(port)))
  })
}

/** Answers what it has accepted, and ends. */
export function closeGrpc(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.tryShutdown(() => resolve())
  })
}
