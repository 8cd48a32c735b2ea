// A server from its beginning to its end: listens, loads the models, is ready; then not ready any more, answers what it has
// accepted, frees the models.

import type { AddressInfo } from 'node:net'
import type { Batching, Run } from '../../runtimes/batching-options.ts'
import type { Model } from '../../runtimes/model.ts'
import { type LoadOptions, load } from '../../runtimes/node/load.ts'
import { ConnectionError } from '../errors.ts'
import type { Keys } from './auth.ts'
import { closeGrpc, grpcServer, listenGrpc } from './grpc.ts'
import { type HttpOptions, httpServer } from './http.ts'
import { type Log, plain } from './log.ts'
import { metricsOf } from './metrics.ts'
import type { NamedSource } from './names.ts'
import { readersOf } from './reading/readers.ts'
import { type Change, repositoryOf } from './repository.ts'
import { type Limits, serviceOf } from './service.ts'
import { spansHere } from './spans.ts'
import type { Address } from './upstream/address.ts'

export interface ServerOptions extends HttpOptions {
  readonly models: readonly NamedSource[]
  /** A folder of models, which is looked at every `pollMs`. */
  readonly repository?: string
  readonly pollMs: number
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** None without a number. */
  readonly grpcPort?: number
  readonly limits: Limits
  readonly keys: Keys
  readonly log: Log
  readonly batching: Batching
  /** Threads that read structure files, at most. */
  readonly readers: number
  readonly load: Pick<LoadOptions, 'device' | 'engine' | 'worker' | 'deviceId' | 'publicKey'> & {
    readonly threads: number
  }
  /** Servers that run the graphs of the models, each under its name. */
  readonly upstreams?: readonly Address[]
  /** Ends the loading of the models. */
  readonly signal?: AbortSignal
}

export interface Running {
  /** Address of HTTP. */
  readonly url: string
  /** Address of gRPC. */
  readonly grpc?: string
  /** @param lingerMs how long requests are still accepted after the server says that it is not ready */
  stop(lingerMs: number): Promise<void>
}

/**
 * Resolves when the models are loaded and requests are answered.
 * @throws ConnectionError for an address that cannot be listened on; what loading one of `models` throws
 */
export async function startServer(options: ServerOptions): Promise<Running> {
  const { host, tls, limits, keys, log, signal } = options
  const metrics = metricsOf()
  const repository = repositoryOf({
    models: options.models,
    folder: options.repository,
    open,
    onChange: told,
  })
  const readers = readersOf(options.readers)
  const service = serviceOf({
    ...{ repository, limits, metrics, log, keys, readers },
    span: await spansHere(),
  })
  const http = await httpServer(service, options)
  const grpc = options.grpcPort === undefined ? undefined : grpcServer(service)
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  async function open(source: string, name: string): Promise<Model> {
    const common = {
      batching: { ...options.batching, onRun: (run: Run) => metrics.run(name, run) },
      signal,
      onWarning: (message: string) => log.warn({ model: name }, message),
    }
    const { upstreams } = options
    if (!upstreams) return load(source, { ...options.load, ...common })
    const { loadUpstream } = await import('./upstream/load.ts')
    return loadUpstream(source, {
      ...common,
      ...{ name, addresses: upstreams, threads: options.load.threads, timeoutMs: limits.requestTimeoutMs },
      publicKey: options.load.publicKey,
      onState(upstream, up, why) {
        metrics.upstream(name, upstream, up)
        if (up) log.info({ model: name, upstream }, 'upstream is used')
        else log.warn({ model: name, upstream, why: plain(why ?? '') }, 'upstream is not used')
      },
    })
  }

  function told({ name, version, what, error }: Change): void {
    metrics.reloaded(name, what)
    if (what === 'failed') log.error({ model: name, error: plain(String((error as Error).message)) }, what)
    else log.info({ model: name, version }, what)
    if (what !== 'loaded') return
    const { model } = repository.get(name)
    metrics.device(name, model.device, model.engine)
  }

  async function poll(): Promise<void> {
    try {
      await repository.poll()
    } catch (error) {
      log.error({ error: plain(String((error as Error).message)) }, 'the folder of models cannot be read')
    }
    if (!stopped) timer = setTimeout(poll, options.pollMs)
  }

  async function stop(lingerMs: number): Promise<void> {
    stopped = true
    clearTimeout(timer)
    service.setReady(false)
    if (lingerMs > 0) await new Promise((resolve) => setTimeout(resolve, lingerMs))
    await Promise.all([http.close(), grpc && closeGrpc(grpc)])
    await repository.close()
    await readers.close()
  }

  try {
    await http.listen({ host, port: options.port }).catch(refused(host, options.port))
    const grpcPort =
      grpc &&
      (await listenGrpc(grpc, `${bracketed(host)}:${options.grpcPort}`, tls).catch(
        refused(host, options.grpcPort!),
      ))
    for (const { name } of options.models) await repository.load(name)
    if (options.repository !== undefined) {
      // That there is no such folder ends the start; later it may come back.
      await repository.poll()
      timer = setTimeout(poll, options.pollMs)
    }
    service.setReady(true)
    const { port } = http.server.address() as AddressInfo
    const url = `${tls ? 'https' : 'http'}://${bracketed(host)}:${port}`
    return { url, ...(grpcPort !== undefined && { grpc: `${bracketed(host)}:${grpcPort}` }), stop }
  } catch (error) {
    await stop(0)
    throw error
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function refused(host: string, port: number) {
  return (cause: NodeJS.ErrnoException): never => {
    const why =
      cause.code === 'EADDRINUSE' || /EADDRINUSE|No address added/.test(cause.message)
        ? 'another program listens there; choose another port, or 0 for any'
        : cause.code === 'EACCES'
          ? 'not allowed; ports from 1024 on need no rights'
          : cause.message
    throw new ConnectionError(`${bracketed(host)}:${port} cannot be listened on: ${why}`, { cause })
  }
}
