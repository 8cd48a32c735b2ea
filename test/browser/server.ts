// A static server for the pages of the tests: the built package, npm packages, and files made by a test. With headers
// for cross-origin isolation or without, and with whatever else a test wants to go wrong.

import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** Something at an address: content with headers, or an answer of its own making. */
export type Resource =
  | { readonly body: string | Uint8Array; readonly headers?: Readonly<Record<string, string>> }
  | ((request: IncomingMessage, response: ServerResponse) => void)

export interface Site {
  readonly origin: string
  /** What has been asked for, as "GET /address". */
  readonly requests: string[]
  /** When, by the clock, in milliseconds. */
  readonly times: number[]
  readonly resources: Map<string, Resource>
  close(): Promise<void>
}

/**
 * @param folders address prefix → folder on disk
 * @param options isolated from other origins; or open to them, as a CDN is
 */
export async function serve(
  folders: Readonly<Record<string, string>>,
  { isolated, open = false }: { readonly isolated: boolean; readonly open?: boolean },
): Promise<Site> {
  const requests: string[] = []
  const times: number[] = []
  const resources = new Map<string, Resource>()
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    requests.push(`${request.method} ${path}`)
    times.push(Date.now())
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    }
    if (open) {
      response.setHeader('Access-Control-Allow-Origin', '*')
      response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
    }
    response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream')
    const resource = resources.get(path)
    if (typeof resource === 'function') return resource(request, response)
    if (resource !== undefined) {
      for (const [name, value] of Object.entries(resource.headers ?? {})) response.setHeader(name, value)
      response.setHeader('Content-Length', Buffer.byteLength(resource.body))
      response.end(request.method === 'HEAD' ? undefined : resource.body)
      return
    }
    sendFile(folders, path, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    // Not 127.0.0.1: a secure context either way, and what people type.
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    requests,
    times,
    resources,
    close: () => close(server),
  }
}

function sendFile(
  folders: Readonly<Record<string, string>>,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [prefix, folder] = Object.entries(folders).find(([prefix]) => path.startsWith(prefix)) ?? []
  const file = folder && join(folder, normalize(path.slice(prefix!.length)))
  if (!file || !existsSync(file) || !statSync(file).isFile()) {
    response.writeHead(404).end()
    return
  }
  const { size, mtime } = statSync(file)
  response.setHeader('Content-Length', size)
  response.setHeader('Last-Modified', mtime.toUTCString())
  if (request.method === 'HEAD') response.end()
  else createReadStream(file).pipe(response)
}

function close(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
