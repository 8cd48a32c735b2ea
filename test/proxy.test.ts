// Downloads through a proxy.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { load } from '../runtimes/node/load.ts'
import { download } from '../src/data/fetch/download.ts'
import { temporaryFolder } from './cli/run.ts'
import { addressOf, closed, listen, runningProxy } from './proxied.ts'

const MODEL = fileURLToPath(new URL('../models/pretrained/formation-energy-small.onnx', import.meta.url))

const site = createServer((_, response) => response.end(readFileSync(MODEL)))
beforeAll(() => listen(site))
afterAll(() => closed(site))
const { asked, address } = runningProxy()

const loaded = async () => {
  const model = await load(`${addressOf(site)}/m.onnx`, { worker: false, engine: 'fused' })
  await model.dispose()
}

it.each(['HTTP_PROXY', 'http_proxy'])('load goes through %s', async (name) => {
  vi.stubEnv(name, address())
  await loaded()
  expect(asked).toEqual([`GET ${addressOf(site)}/m.onnx`])
})

it.each(['127.0.0.1', 'example.org, 127.0.0.1', '*'])(
  'load goes past it to what NO_PROXY names: %s',
  async (hosts) => {
    vi.stubEnv('HTTP_PROXY', address())
    vi.stubEnv('NO_PROXY', hosts)
    await loaded()
    expect(asked).toEqual([])
  },
)

it('goes through HTTPS_PROXY by a tunnel, and says so where that refuses', async () => {
  vi.stubEnv('HTTPS_PROXY', address())
  await expect(load('https://models.example/m.onnx')).rejects.toThrow(
    /^https:\/\/models\.example\/m\.onnx: the server cannot be reached \(.*403.*\); HTTPS_PROXY is set: .* NO_PROXY$/,
  )
  expect(asked).toEqual(['CONNECT models.example:443'])
})

it('data sets are downloaded through it', async () => {
  vi.stubEnv('HTTP_PROXY', address())
  const file = join(temporaryFolder(), 'm.onnx')
  await download(`${addressOf(site)}/m.onnx`, file)
  expect(readFileSync(file).equals(readFileSync(MODEL))).toBe(true)
  expect(asked).toEqual([`GET ${addressOf(site)}/m.onnx`])
})

it('names a proxy that is not there', async () => {
  vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1')
  await expect(loaded()).rejects.toThrow(/cannot be reached \(.*ECONNREFUSED.*\); HTTP_PROXY is set/)
})
