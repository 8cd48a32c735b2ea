// A server whose models run in other servers, here of our own: they come and go, give other numbers, or are not there at all.
// Triton's own server is in test/integration/triton.test.ts.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Model } from '../../runtimes/model.ts'
import { connect } from '../../src/client/index.ts'
import type { Running } from '../../src/server/server.ts'
import { upstreamAddress } from '../../src/server/upstream/address.ts'
import { loadHere } from '../exporters/crystal/exported.ts'
import { freePort } from '../free-port.ts'
import { chain, exported } from '../runtimes/models.ts'
import { MODEL, posted, started, typedChain } from './running.ts'

const SOON = { timeout: 15_000 }

describe('upstreamAddress', () => {
  it.each([
    ['grpc://triton:8001', { protocol: 'grpc', tls: false, host: 'triton:8001' }],
    ['grpc://triton', { protocol: 'grpc', tls: false, host: 'triton:8001' }],
    ['https://10.0.0.1:443/', { protocol: 'http', tls: true, host: '10.0.0.1:443' }],
    ['http://[::1]:9000', { protocol: 'http', tls: false, host: '[::1]:9000' }],
  ])('%s', (text, address) => expect(upstreamAddress(text)).toMatchObject(address))

  it.each([
    'triton:8001',
    'ftp://triton',
    'grpc://',
    'http://a/b',
    'http://user:key@host',
    'grpc://host:port',
  ])('refuses %s', (text) =>
    expect(() => upstreamAddress(text)).toThrow(/expected an address, such as grpc:\/\/triton:8001/),
  )
})

describe('a server in front of others', () => {
  const ports: number[] = []
  const behind: (Running | undefined)[] = []
  let model: Model
  let front: Awaited<ReturnType<typeof started>>
  const start = async (n: number) => {
    behind[n] = await started(n === 0 ? { grpcPort: ports[0] } : { port: ports[1] })
  }
  const stop = async (n: number) => {
    await behind[n]?.stop(0)
    behind[n] = undefined
  }
  const isUsed = async () => {
    const text = await (await fetch(`${front.url}/metrics`)).text()
    // In the order in which they were first used.
    const lines = [...text.matchAll(/^crystal_onnx_upstream_up\{(.*)\} (\d)$/gm)]
    return ports.map((port) => lines.find(([, labels]) => labels.includes(`:${port}`))?.[2]).join('')
  }
  const ask = (count: number) =>
    posted(`${front.url}/v2/models/${MODEL}/infer`, { inputs: typedChain(count) })

  beforeAll(async () => {
    ports.push(await freePort(), await freePort())
    model = await loadHere(exported.bytes)
    await start(0)
    await start(1)
    const upstreams = [`grpc://127.0.0.1:${ports[0]}`, `http://127.0.0.1:${ports[1]}`].map(upstreamAddress)
    front = await started({ upstreams })
  }, 60_000)
  afterAll(async () => {
    await front?.stop(0)
    await Promise.all([stop(0), stop(1)])
    await model?.dispose()
  })

  it('answers as the model does, with what its file says of trust, and names its own refusals', async () => {
    expect(await isUsed()).toBe('11')
    const remote = connect(front.url)
    const crystals = [1, 3, 8, 13, 21].map((count) => chain(count))
    const answers = []
    for await (const answer of remote.predictMany(crystals)) answers.push(answer.error ?? answer.value)
    for (const [n, crystal] of crystals.entries())
      expect(answers[n]).toBeCloseTo((await model.predict(crystal)).value, 5)
    expect((await remote.metadata()).parameters).toMatchObject({ device: 'upstream' })
    const unknown = await posted(`${front.url}/v2/models/${MODEL}/infer`, { inputs: typedChain(2, 100) })
    expect(unknown).toMatchObject({ status: 422, json: { code: 'ELEMENT', index: 0 } })
  })

  it('loses no request when one of them goes away, and uses it when it is back', async () => {
    const failures: unknown[] = []
    let asking = true
    let answered = 0
    const client = async () => {
      while (asking) {
        const { status, json } = await ask(1 + (answered % 13))
        if (status === 200) answered++
        else failures.push(json)
      }
    }
    const done = Promise.all([client(), client(), client(), client()])
    await expect.poll(() => answered, SOON).toBeGreaterThan(20)
    await stop(0)
    await expect.poll(isUsed, SOON).toBe('01')
    const before = answered
    await expect.poll(() => answered, SOON).toBeGreaterThan(before + 20)
    await start(0)
    await expect.poll(isUsed, SOON).toBe('11')
    asking = false
    await done
    expect(failures).toEqual([])
    expect(front.log).toContainEqual(
      expect.objectContaining({
        ...{ level: 'warn', message: 'upstream is not used', upstream: `grpc://127.0.0.1:${ports[0]}` },
        why: expect.stringMatching(/./),
      }),
    )
  }, 60_000)

  it('says at once that nobody is there, and answers again when somebody is', async () => {
    await Promise.all([stop(0), stop(1)])
    await expect.poll(async () => (await ask(3)).status, SOON).toBe(503)
    await expect.poll(isUsed, SOON).toBe('00')
    const { status, json } = await ask(3)
    expect(status).toBe(503)
    expect(json).toMatchObject({
      code: 'DEVICE',
      error: expect.stringMatching(/no upstream runs tiny\. grpc:\/\/127.*: .+; http:\/\/127.*: .+/),
    })
    await start(1)
    await expect.poll(async () => (await ask(3)).status, SOON).toBe(200)
  }, 60_000)
})

describe('a server does not start', () => {
  it('where nobody is behind it', async () => {
    const upstreams = [upstreamAddress(`grpc://127.0.0.1:${await freePort()}`)]
    await expect(started({ upstreams })).rejects.toMatchObject({
      code: 'DEVICE',
      message: expect.stringMatching(/no upstream runs tiny\. grpc:.*refused/i),
    })
  })

  it('where the servers behind it have another model of that name', async () => {
    const other = await started({ models: [{ name: MODEL, source: 'formation-energy-small' }] })
    try {
      await expect(started({ upstreams: [upstreamAddress(other.url)] })).rejects.toMatchObject({
        code: 'DEVICE',
        message: expect.stringMatching(/golden sample ".*" gives/),
      })
    } finally {
      await other.stop(0)
    }
  }, 30_000)
})
