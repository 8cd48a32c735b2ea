// The client and upstreams over HTTP go through the proxy of the environment, as models and data do (test/proxy.test.ts).

import { expect, it, vi } from 'vitest'
import { connect } from '../../src/client/index.ts'
import { upstreamAddress } from '../../src/server/upstream/address.ts'
import { runningProxy } from '../proxied.ts'
import { chain } from '../runtimes/models.ts'
import { MODEL, runningServer, started } from './running.ts'

const proxy = runningProxy()
const server = runningServer()
const path = `/v2/models/${MODEL}`

it('a client asks through HTTP_PROXY, and past it what NO_PROXY names', async () => {
  const { value } = await connect(server().url, { model: MODEL }).predict(chain(3))
  expect(proxy.asked).toEqual([])
  vi.stubEnv('HTTP_PROXY', proxy.address())
  expect((await connect(server().url, { model: MODEL }).predict(chain(3))).value).toBe(value)
  expect(proxy.asked).toEqual([`GET ${server().url}${path}`, `POST ${server().url}${path}/infer`])
  proxy.asked.length = 0
  vi.stubEnv('NO_PROXY', '127.0.0.1')
  expect((await connect(server().url, { model: MODEL }).predict(chain(3))).value).toBe(value)
  expect(proxy.asked).toEqual([])
})

it('a client names a proxy that is not there', async () => {
  vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1')
  await expect(connect(server().url, { model: MODEL }).predict(chain(3))).rejects.toThrow(
    /the server cannot be reached \(.*ECONNREFUSED.*\); HTTP_PROXY is set/,
  )
})

it('a server asks an upstream over HTTP through it, from its threads, too', async () => {
  vi.stubEnv('HTTP_PROXY', proxy.address())
  const front = await started({ upstreams: [upstreamAddress(server().url)] })
  vi.stubEnv('HTTP_PROXY', '')
  try {
    proxy.asked.length = 0
    const near = await connect(server().url).predict(chain(4))
    const far = await connect(front.url).predict(chain(4))
    expect(far.value).toBeCloseTo(near.value, 5)
    expect(proxy.asked).toContain(`POST ${server().url}${path}/infer`)
  } finally {
    await front.stop(0)
  }
})
