// A real proxy in this process, which answers absolute addresses and tunnels to 127.0.0.1, for the tests of a file. None is
// set in the environment at the beginning of a test.

import { createServer, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest'

export const listen = (server: Server) =>
  new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
export const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

export function closed(server: Server): void {
  server.closeAllConnections()
  server.close()
}

export function runningProxy(): {
  /** What it was asked for. */
  readonly asked: string[]
  address(): string
} {
  const asked: string[] = []
  const proxy = createServer((incoming, response) => {
    const { method, url, headers } = incoming
    asked.push(`${method} ${url}`)
    const far = request(url!, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    far.on('error', () => response.destroy())
    incoming.pipe(far)
  })
  proxy.on('connect', ({ url }, socket) => {
    asked.push(`CONNECT ${url}`)
    const [host, port] = url!.split(':')
    if (host !== '127.0.0.1') return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const far = connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    far.pipe(socket).pipe(far)
    return socket
  })

  beforeAll(() => listen(proxy))
  afterAll(() => closed(proxy))
  beforeEach(() => {
    asked.length = 0
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']) {
      vi.stubEnv(name, '')
      vi.stubEnv(name.toLowerCase(), '')
    }
  })
  afterEach(() => vi.unstubAllEnvs())
  return { asked, address: () => addressOf(proxy) }
}
