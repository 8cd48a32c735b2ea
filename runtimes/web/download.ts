// Files over the network, as bytes: with progress, a limit, a way to abort, and a copy in the Cache API that is used again
// while the server says that the file is the same, or when there is no network. What the bytes are, it does not know.

import { joined } from '../../src/math/joined.ts'

export interface DownloadOptions {
  /** Keep a copy in the browser's Cache API. */
  readonly cache: boolean
  /** Largest size, bytes. */
  readonly limit: number
  readonly signal?: AbortSignal
  /** `total` is missing when the server does not tell it. */
  readonly onProgress?: (progress: { loaded: number; total?: number }) => void
  /** Throws when the bytes are not what was wanted: they are not kept then, and a kept copy is fetched anew. */
  readonly check: (bytes: Uint8Array) => void | Promise<void>
  /** Makes the error when there is no answer, or a wrong one. */
  readonly failure: (message: string, options?: ErrorOptions) => Error
}

/** The name of our store in the Cache API: `caches.delete(CACHE_NAME)` empties it. */
export const CACHE_NAME = 'crystal-onnx'

/** @throws what `failure` and `check` make; the signal's reason when aborted. */
export async function download(url: URL, options: DownloadOptions): Promise<Uint8Array> {
  const { signal, check } = options
  // The Cache API is there on pages served by https or from localhost, and takes http addresses only.
  const cache = options.cache && /^https?:$/.test(url.protocol) ? await openCache() : undefined
  const kept = await cache?.match(url).catch(() => undefined)
  if (kept && (await isCurrent(kept, url, signal))) {
    // A browser may throw the copy away while it is read.
    const bytes = await readBody(kept, url, options).catch(() => signal?.throwIfAborted())
    if (bytes && (await isWanted(bytes, check))) return bytes
  }
  const response = await request(url, options)
  const bytes = await readBody(response, url, options)
  await check(bytes)
  // Not waited for: a store that is slow, full or forbidden must not keep the file from being used.
  void cache?.put(url, copyOf(response, bytes)).catch(() => undefined)
  return bytes
}

/** Undefined where there is none, where a frame may not have one, or where the browser refuses. */
async function openCache(): Promise<Cache | undefined> {
  try {
    return await globalThis.caches?.open(CACHE_NAME)
  } catch {
    return undefined
  }
}

async function isWanted(bytes: Uint8Array, check: DownloadOptions['check']): Promise<boolean> {
  try {
    await check(bytes)
    return true
  } catch {
    return false
  }
}

/**
 * Whether a kept copy is what the server has. HEAD rather than a conditional GET: `If-None-Match` makes a request to
 * another origin ask for permission first.
 */
async function isCurrent(kept: Response, url: URL, signal: AbortSignal | undefined): Promise<boolean> {
  let now: Response
  try {
    now = await fetch(url, { method: 'HEAD', cache: 'no-cache', signal })
  } catch {
    signal?.throwIfAborted()
    return true
  }
  const same = (name: string) => kept.headers.get(name) === now.headers.get(name)
  const has = (name: string) => now.headers.has(name) && kept.headers.has(name)
  if (!now.ok) return false
  return has('etag') ? same('etag') : has('last-modified') && same('last-modified') && same('content-length')
}

async function request(url: URL, { signal, failure }: DownloadOptions): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, { signal, cache: 'no-cache' })
  } catch (cause) {
    signal?.throwIfAborted()
    throw failure(
      `${url}: no answer (${(cause as Error).message}); check the address, the network, and for another origin that its ` +
        'server allows this page to read it (CORS)',
      { cause },
    )
  }
  if (!response.ok)
    throw failure(`${url}: the server answered ${response.status} ${response.statusText}`.trim())
  return response
}

async function readBody(response: Response, url: URL, options: DownloadOptions): Promise<Uint8Array> {
  const { signal, onProgress, limit, failure } = options
  const tooLarge = () => failure(`${url}: ${limit} bytes or more, expected less`)
  // The length of a compressed answer is not that of the file.
  const length = response.headers.has('content-encoding') ? 0 : Number(response.headers.get('content-length'))
  if (length >= limit) throw tooLarge()
  const total = length > 0 ? { total: length } : {}
  const chunks: Uint8Array[] = []
  let loaded = 0
  const reader = response.body?.getReader()
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true }
      if (done) break
      chunks.push(value)
      loaded += value.length
      if (loaded >= limit) throw tooLarge()
      onProgress?.({ loaded, ...total })
    }
  } catch (cause) {
    await reader?.cancel().catch(() => undefined)
    signal?.throwIfAborted()
    if (!(cause instanceof TypeError)) throw cause
    throw failure(`${url}: the connection broke after ${loaded} bytes (${cause.message})`, { cause })
  }
  return joined(chunks)
}

/** The answer again, with what tells whether it is current. */
function copyOf({ headers }: Response, bytes: Uint8Array): Response {
  const kept = new Headers({ 'content-length': String(bytes.length) })
  for (const name of ['etag', 'last-modified', 'content-type']) {
    const value = headers.get(name)
    if (value !== null) kept.set(name, value)
  }
  return new Response(bytes as Uint8Array<ArrayBuffer>, { headers: kept })
}
