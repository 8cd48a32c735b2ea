// A server for the tests of a file, with the small model of the runtime tests, and what is sent to it.

import { afterAll, beforeAll } from 'vitest'
import { keysFrom } from '../../src/server/auth.ts'
import { logOf } from '../../src/server/log.ts'
import { type Running, type ServerOptions, startServer } from '../../src/server/server.ts'
import { onDisk } from '../runtimes/models.ts'

export const MODEL = 'tiny'
export const LIMITS = {
  maxClientBatch: 16,
  maxCrystalAtoms: 500,
  maxBodyBytes: 200_000,
  maxConcurrentRequests: 64,
  requestTimeoutMs: 20_000,
}

/** Lines of its log. */
export type Logged = Record<string, unknown>[]

export async function started(
  options: Partial<ServerOptions> = {},
): Promise<Running & { readonly log: Logged }> {
  const log: Logged = []
  const running = await startServer({
    models: [{ name: MODEL, source: onDisk() }],
    ...{ host: '127.0.0.1', port: 0, grpcPort: 0, pollMs: 50, cors: [] },
    ...{ limits: LIMITS, keys: keysFrom([]), batching: {} },
    log: logOf({
      json: true,
      write: (lines) => {
        for (const line of lines.trimEnd().split('\n')) log.push(JSON.parse(line))
      },
    }),
    load: { device: 'cpu', threads: 1 },
    readers: 1,
    ...options,
  })
  return { ...running, log }
}

/** One that runs for all tests of a file. */
export function runningServer(
  options: Partial<ServerOptions> = {},
): () => Awaited<ReturnType<typeof started>> {
  let running: Awaited<ReturnType<typeof started>>
  beforeAll(async () => {
    running = await started(options)
  })
  afterAll(() => running.stop(0))
  return () => running
}

/** A crystal of the protocol: simple cubic silicon, `count` atoms in a row, as numbers of JSON. */
export function typedChain(count: number, element = 14) {
  const tensor = (name: string, datatype: string, shape: number[], data: unknown) => ({
    name,
    datatype,
    shape,
    data,
  })
  return [
    tensor('atoms', 'INT32', [1], [count]),
    tensor('numbers', 'INT64', [count], Array(count).fill(element)),
    tensor(
      'frac',
      'FP64',
      [count, 3],
      Array.from({ length: count }, (_, i) => [i / count, 0.05 * Math.sin(i + count), 0.1 * (i % 2)]),
    ),
    tensor('lattice', 'FP32', [1, 3, 3], [2.5 * count, 0, 0, 0, 4, 0, 0, 0, 4.5]),
  ]
}

export async function posted(url: string, body: unknown, headers: Record<string, string> = {}) {
  const raw = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData
  const response = await fetch(url, {
    method: 'POST',
    body: raw ? (body as string) : JSON.stringify(body),
    headers: { ...(!raw && { 'content-type': 'application/json' }), ...headers },
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const { status, headers: answered } = response
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says
  let json: any
  try {
    json = JSON.parse(bytes.toString())
  } catch {}
  return { status, headers: answered, bytes, json }
}
