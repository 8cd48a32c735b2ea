// Downloads through a proxy: a real one in this process, which answers absolute addresses and tunnels.

import { readFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { load } from '../runtimes/node/load.ts'
import { download } from '../src/data/fetch/download.ts'
import { temporaryFolder } from './cli/run.ts'

const MODEL = fileURLToPath(new URL('../models/pretrained/formation-energy-small.onnx', import.meta.url))

/** What the proxy was asked for. */
const asked: string[] = []
const site = createServer((_, response) => response.end(readFileSync(MODEL)))
const proxy = createServer(({ method, url, headers }, response) => {
  asked.push(`${method} ${url}`)
  request(url!, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers)
    answer.pipe(response)
  }).end()
})
proxy.on('connect', ({ url }, socket) => {
  asked.push(`CONNECT ${url}`)
  const [host, port] = url!.split(':')
  if (host !== '127.0.0.1') return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  const far = connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
  far.pipe(socket).pipe(far)
  return socket
})

const listen = (server: Server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

beforeAll(() => Promise.all([listen(site), listen(proxy)]))
afterAll(() => {
  for (const server of [site, proxy]) {
    server.closeAllConnections()
    server.close()
  }
})
beforeEach(() => {
  asked.length = 0
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']) {
    vi.stubEnv(name, '')
    vi.stubEnv(name.toLowerCase(), '')
  }
})
afterEach(() => vi.unstubAllEnvs())

const loaded = async () => {
  const model = await load(`${addressOf(site)}/m.onnx`, { worker: false, engine: 'fused' })
  await model.dispose()
}

it.each(['HTTP_PROXY', 'http_proxy'])('load goes through %s', async (name) => {
  vi.stubEnv(name, addressOf(proxy))
  await loaded()
  expect(asked).toEqual([`GET ${addressOf(site)}/m.onnx`])
})

it.each(['127.0.0.1', 'example.org, 127.0.0.1', '*'])(
  'load goes past it to what NO_PROXY names: %s',
  async (hosts) => {
    vi.stubEnv('HTTP_PROXY', addressOf(proxy))
    vi.stubEnv('NO_PROXY', hosts)
    await loaded()
    expect(asked).toEqual([])
  },
)

it('goes through HTTPS_PROXY by a tunnel, and says so where that refuses', async () => {
  vi.stubEnv('HTTPS_PROXY', addressOf(proxy))
  await expect(load('https://models.example/m.onnx')).rejects.toThrow(
    /^https:\/\/models\.example\/m\.onnx: the server cannot be reached \(.*403.*\); HTTPS_PROXY is set: .* NO_PROXY$/,
  )
  expect(asked).toEqual(['CONNECT models.example:443'])
})

it('data sets are downloaded through it', async () => {
  vi.stubEnv('HTTP_PROXY', addressOf(proxy))
  const file = join(temporaryFolder(), 'm.onnx')
  await download(`${addressOf(site)}/m.onnx`, file)
  expect(readFileSync(file).equals(readFileSync(MODEL))).toBe(true)
  expect(asked).toEqual([`GET ${addressOf(site)}/m.onnx`])
})

it('names a proxy that is not there', async () => {
  vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1')
  await expect(loaded()).rejects.toThrow(/cannot be reached \(.*ECONNREFUSED.*\); HTTP_PROXY is set/)
})
