// Downloads where the Cache API is not as it should be: a sandboxed frame, which may not even ask for it, and one that refuses
// later. The server is real, the Cache API of Node is not there, so that one that fails stands in for it.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, expect, it } from 'vitest'
import { download } from '../../../runtimes/web/download.ts'

const server = createServer((_, response) => response.end('model'))
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/m.onnx`)

afterAll(() => void server.close())
afterEach(() => {
  Reflect.deleteProperty(globalThis, 'caches')
})

const refusing = () => Promise.reject(new DOMException('no', 'SecurityError'))

it.each([
  [
    'may not be asked for',
    () => {
      throw new DOMException('sandboxed', 'SecurityError')
    },
  ],
  ['does not open', () => ({ open: refusing })],
  ['opens, and refuses later', () => ({ open: async () => ({ match: refusing, put: refusing }) })],
  ['is not there', () => undefined],
])('a cache that %s is done without', async (_, get) => {
  Object.defineProperty(globalThis, 'caches', { get, configurable: true })
  const bytes = await download(url, {
    cache: true,
    limit: 100,
    check: () => {},
    failure: (m) => new Error(m),
  })
  expect(new TextDecoder().decode(bytes)).toBe('model')
})
