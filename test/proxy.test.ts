// What is said of proxies where a server cannot be reached.

import { afterEach, expect, it, vi } from 'vitest'
import { load } from '../runtimes/node/load.ts'
import { proxyHint } from '../src/proxy.ts'

afterEach(() => vi.unstubAllEnvs())

it.each([
  ['https://a.org/m', { HTTPS_PROXY: 'http://p' }, true],
  ['https://a.org/m', { https_proxy: 'http://p' }, true],
  ['http://a.org/m', { http_proxy: 'http://p' }, true],
  ['http://a.org/m', { HTTPS_PROXY: 'http://p' }, false],
  ['https://a.org/m', {}, false],
  ['https://a.org/m', { HTTPS_PROXY: 'http://p', NO_PROXY: 'b.org, a.org' }, false],
  ['https://x.a.org/m', { HTTPS_PROXY: 'http://p', no_proxy: '.a.org' }, false],
  ['https://xa.org/m', { HTTPS_PROXY: 'http://p', no_proxy: '.a.org' }, true],
  ['https://a.org/m', { HTTPS_PROXY: 'http://p', NO_PROXY: '*' }, false],
  ['https://a.org/m', { HTTPS_PROXY: 'http://p', NODE_USE_ENV_PROXY: '1' }, false],
])('%s with %j', (url, env, hints) => {
  expect(proxyHint(new URL(url), env) !== '').toBe(hints)
})

it('load says it', async () => {
  vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1')
  vi.stubEnv('NO_PROXY', '')
  vi.stubEnv('no_proxy', '')
  await expect(load('http://127.0.0.1:1/m.onnx')).rejects.toThrow(/cannot be reached.*NODE_USE_ENV_PROXY=1/)
})
