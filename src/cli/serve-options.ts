// The options of `serve`, each a variable of the environment, too, and the settings of a server that they make.

import { Option } from 'commander'
import type { DeviceChoice } from '../../runtimes/choose-device.ts'
import type { EngineChoice } from '../../runtimes/engine-name.ts'
import { usableCores } from '../cores.ts'
import { ConfigError } from '../errors.ts'
import { textOf } from '../files.ts'
import type { NamedSource } from '../server/names.ts'
import type { ServerOptions } from '../server/server.ts'
import { deviceOption, engineOption } from './device.ts'
import { LIMITS, positiveInteger, whole, within } from './options.ts'
import { readPublicKeys } from './public-keys.ts'

export interface ServeOptions {
  repository?: string
  repositoryPoll: number
  host: string
  port: number
  grpcPort: number | 'off'
  device: DeviceChoice
  engine: EngineChoice
  workers: number
  readWorkers: number
  isolation: 'process' | 'thread'
  upstream: readonly string[]
  batchWait: number
  maxBatchAtoms?: number
  maxBatchImages?: number
  maxConcurrentRequests: number
  maxClientBatch: number
  maxWaiting: number
  maxCrystalAtoms: number
  maxBody: number
  requestTimeout: number
  drain: number
  apiKey?: string
  apiKeyFile?: string
  cors: readonly string[]
  page?: string
  tlsCert?: string
  tlsKey?: string
  requireSigned?: string
  json?: boolean
}

const PORT = [0, 65_535] as const
const MEBIBYTE = 2 ** 20

export function serveOptions(): Option[] {
  const options = [
    new Option(
      '--repository <folder>',
      'models of a folder, NAME.onnx or NAME/VERSION/model.onnx, loaded as they change',
    ),
    new Option('--repository-poll <s>', 'how often the folder is looked at')
      .argParser(within([0.1, 86_400]))
      .default(5),
    new Option('--host <address>', 'address to listen on; 0.0.0.0 for all').default('127.0.0.1'),
    new Option('--port <n>', 'port of HTTP; 0 for any that is free').argParser(whole(PORT)).default(8000),
    new Option('--grpc-port <n>', 'port of gRPC; 0 for any that is free, off for none')
      .argParser(portOrOff)
      .default(8001),
    deviceOption(),
    engineOption(),
    new Option('--workers <n>', 'evaluators of a model at most, on the CPU a core each')
      .argParser(whole(LIMITS.threads))
      .default(usableCores(), 'all cores'),
    new Option('--read-workers <n>', 'threads that read structure files')
      .argParser(whole(LIMITS.threads))
      .default(2),
    new Option(
      '--isolation <kind>',
      'evaluators in processes, which are replaced when one is killed, or in threads',
    )
      .choices(['process', 'thread'])
      .default('process'),
    new Option(
      '--upstream <address>',
      'servers that run the models under their names, such as grpc://triton:8001; several with commas, or given again',
    )
      .argParser((text, before: readonly string[]) => [...before, ...listed(text)])
      .default([])
      .conflicts(['device', 'engine', 'isolation']),
    new Option('--batch-wait <ms>', 'how long a request waits for others to share a run')
      .argParser(within([0, 1000]))
      .default(2),
    new Option(
      '--max-batch-atoms <n>',
      'atoms given to an evaluator at a time; by default four runs of what the model says',
    ).argParser(positiveInteger),
    new Option('--max-batch-images <n>', 'periodic images given to an evaluator at a time').argParser(
      positiveInteger,
    ),
    new Option('--max-concurrent-requests <n>', 'requests under way; more are refused')
      .argParser(positiveInteger)
      .default(512),
    new Option('--max-client-batch <n>', 'crystals of one request').argParser(positiveInteger).default(1024),
    new Option('--max-waiting <n>', 'crystals that wait for a run; more are refused')
      .argParser(positiveInteger)
      .default(8192),
    new Option('--max-crystal-atoms <n>', 'atoms of one crystal').argParser(positiveInteger).default(20_000),
    new Option('--max-body <MiB>', 'size of one request').argParser(within([0.001, 1024])).default(8),
    new Option('--request-timeout <s>', 'time for the answer to a request')
      .argParser(within([0.01, 86_400]))
      .default(30),
    new Option(
      '--drain <s>',
      'requests are still accepted for so long after a signal, when health says not ready',
    )
      .argParser(within([0, 3600]))
      .default(0),
    new Option(
      '--api-key <key>',
      'callers need this key; in the environment rather than here, where "ps" shows it',
    ),
    new Option('--api-key-file <file>', 'callers need one of these keys, one a line'),
    new Option('--cors <origins>', 'origins of pages that may ask, with commas, or *')
      .argParser(listed)
      .default([]),
    new Option(
      '--page <folder>',
      'the page of the project as it was built (web/dist), at / beside the models',
    ),
    new Option('--tls-cert <file>', 'certificate, PEM, for https and gRPC over TLS'),
    new Option('--tls-key <file>', 'its key, PEM'),
    new Option(
      '--require-signed <file>',
      'refuse models that none of the Ed25519 public keys in this PEM file has signed',
    ),
    new Option('--json', 'the log as JSON lines on stdout'),
  ]
  return options.map((option) => option.env(variableOf(option)))
}

/** `--max-client-batch` is CRYSTAL_ONNX_MAX_CLIENT_BATCH. */
function variableOf({ long }: Option): string {
  return `CRYSTAL_ONNX_${long!.slice(2).replaceAll('-', '_').toUpperCase()}`
}

function portOrOff(text: string): number | 'off' {
  return text === 'off' ? text : whole(PORT)(text)
}

function listed(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}

/** @throws ConfigError for names or keys that cannot be; what the system says of files */
export async function settingsOf(
  models: readonly string[],
  options: ServeOptions,
): Promise<Omit<ServerOptions, 'log' | 'signal'>> {
  const { keysOf } = await import('../server/auth.ts')
  const { namedSource } = await import('../server/names.ts')
  const { upstreamAddress } = await import('../server/upstream/address.ts')
  const { grpcPort, tlsCert, tlsKey, device, engine, workers, isolation, upstream, requireSigned } = options
  return {
    models: distinct(models.map(namedSource)),
    repository: options.repository,
    pollMs: options.repositoryPoll * 1000,
    ...{ host: options.host, port: options.port, cors: options.cors.map(originOf) },
    ...(grpcPort !== 'off' && { grpcPort }),
    page: options.page,
    ...(tlsCert !== undefined &&
      tlsKey !== undefined && {
        tls: { cert: await textOf(tlsCert), key: await textOf(tlsKey) },
      }),
    limits: {
      maxClientBatch: options.maxClientBatch,
      maxCrystalAtoms: options.maxCrystalAtoms,
      maxBodyBytes: Math.floor(options.maxBody * MEBIBYTE),
      maxConcurrentRequests: options.maxConcurrentRequests,
      requestTimeoutMs: options.requestTimeout * 1000,
    },
    keys: await keysOf(options.apiKey, options.apiKeyFile),
    batching: {
      waitMs: options.batchWait,
      maxAtoms: options.maxBatchAtoms,
      maxImages: options.maxBatchImages,
      maxWaiting: options.maxWaiting,
    },
    load: {
      ...{ device, engine, threads: workers, worker: isolation === 'process' ? 'process' : true },
      publicKey: requireSigned === undefined ? undefined : await readPublicKeys(requireSigned),
    },
    readers: options.readWorkers,
    ...(upstream.length > 0 && { upstreams: upstream.map(upstreamAddress) }),
  }
}

/** As browsers send it, or `*`. @throws ConfigError for what is none */
function originOf(text: string): string {
  if (text === '*') return text
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '') return url.origin
  throw new ConfigError(`cors "${text}": expected the origin of a page, such as https://my.page, or *`)
}

/** @throws ConfigError for a name that is there twice */
function distinct(sources: readonly NamedSource[]): readonly NamedSource[] {
  for (const [n, { name }] of sources.entries()) {
    if (sources.findIndex((other) => other.name === name) < n) {
      throw new ConfigError(`two models are called ${name}; name one of them, as in NAME=FILE`)
    }
  }
  return sources
}
