// The server over gRPC, asked by a client that knows nothing of ours but the .proto file; and what both doors share: keys,
// bounds on what is under way, deadlines, and an end that answers what was accepted.

import { join } from 'node:path'
import { credentials, loadPackageDefinition, Metadata, type ServiceError } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { describe, expect, it } from 'vitest'
import { writeStructure } from '../../src/crystal/write.ts'
import { keysFrom } from '../../src/server/auth.ts'
import { root } from '../imports.ts'
import { chain, onDisk } from '../runtimes/models.ts'
import { LIMITS, MODEL, posted, runningServer, started, typedChain } from './running.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a .proto file says at run time
type Any = any
const PROTO = loadSync(join(root, 'src/server/inference.proto'), {
  keepCase: true,
  longs: Number,
  defaults: true,
})
const { inference } = loadPackageDefinition(PROTO) as Any

function clientOf(address: string, metadata = new Metadata()) {
  const client = new inference.GRPCInferenceService(address, credentials.createInsecure())
  const call = (method: string, message: object = {}): Promise<Any> =>
    new Promise((resolve, reject) => {
      client[method](message, metadata, (error: ServiceError | null, answer: unknown) =>
        error ? reject(error) : resolve(answer),
      )
    })
  return { call, close: () => client.close() }
}

function bytesTensor(...texts: string[]) {
  const parts = texts.flatMap((text) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(Buffer.byteLength(text))
    return [length, Buffer.from(text)]
  })
  return Buffer.concat(parts)
}

const cif = (count: number) => writeStructure(chain(count), 'cif')
const request = (...counts: number[]) => ({
  ...{ model_name: MODEL, id: '9' },
  inputs: [{ name: 'structure', datatype: 'BYTES', shape: [counts.length] }],
  raw_input_contents: [bytesTensor(...counts.map(cif))],
})

describe('gRPC', () => {
  const server = runningServer()

  it('has health, metadata, inference of raw and of typed contents, and the repository', async () => {
    const { call, close } = clientOf(server().grpc!)
    expect(await call('ServerLive')).toEqual({ live: true })
    expect(await call('ServerReady')).toEqual({ ready: true })
    expect(await call('ModelReady', { name: MODEL })).toEqual({ ready: true })
    expect(await call('ModelReady', { name: 'other' })).toEqual({ ready: false })
    expect(await call('ServerMetadata')).toMatchObject({ name: 'crystal-onnx' })
    expect((await call('ModelMetadata', { name: MODEL })).outputs).toEqual([
      { name: 'prediction', datatype: 'FP32', shape: [-1, 1] },
    ])
    const raw = await call('ModelInfer', request(3, 5))
    expect(raw).toMatchObject({
      model_name: MODEL,
      id: '9',
      outputs: [{ name: 'prediction', shape: [2, 1] }],
    })
    const contents = {
      INT32: 'int_contents',
      INT64: 'int64_contents',
      FP64: 'fp64_contents',
      FP32: 'fp32_contents',
    }
    const inputs = typedChain(5).map(({ name, datatype, shape, data }) => ({
      ...{ name, datatype, shape },
      contents: { [contents[datatype as keyof typeof contents]]: [data].flat(3) },
    }))
    const typed = await call('ModelInfer', { model_name: MODEL, inputs })
    const overHttp = await posted(`${server().url}/v2/models/${MODEL}/infer`, { inputs: typedChain(5) })
    const value = overHttp.json.outputs[0].data[0]
    expect(raw.raw_output_contents[0].readFloatLE(4)).toBeCloseTo(value, 5)
    expect(typed.raw_output_contents[0].readFloatLE(0)).toBeCloseTo(value, 5)
    await call('RepositoryModelUnload', { model_name: MODEL })
    expect((await call('RepositoryIndex')).models).toMatchObject([{ name: MODEL, state: 'UNAVAILABLE' }])
    expect((await call('RepositoryIndex', { ready: true })).models).toEqual([])
    await call('RepositoryModelLoad', { model_name: MODEL })
    expect((await call('RepositoryIndex')).models).toMatchObject([
      { name: MODEL, version: '2', state: 'READY' },
    ])
    close()
  })

  it('says what is wrong by status, code and index', async () => {
    const { call, close } = clientOf(server().grpc!)
    const failed = (message: object) =>
      call('ModelInfer', message).then(
        () => expect.unreachable(),
        (error) => error,
      )
    const broken = {
      ...request(3),
      raw_input_contents: [bytesTensor(cif(3), 'rubbish')],
      inputs: [{ name: 'structure', datatype: 'BYTES', shape: [2] }],
    }
    const error = await failed(broken)
    expect(error).toMatchObject({ code: 3, details: expect.stringMatching(/^crystal 1: .*not recognised/) })
    expect(error.metadata.get('crystal-onnx-code')).toEqual(['PARSE'])
    expect(error.metadata.get('crystal-onnx-index')).toEqual(['1'])
    expect(await failed({ ...request(3), model_name: 'other' })).toMatchObject({ code: 5 })
    expect(await failed({ ...request(3), raw_input_contents: [Buffer.alloc(3)] })).toMatchObject({
      code: 3,
      details: /too few/,
    })
    const lying = Buffer.alloc(8)
    lying.writeUInt32LE(4_000_000_000)
    expect(await failed({ ...request(3), raw_input_contents: [lying] })).toMatchObject({
      code: 3,
      details: /element 0 is cut off/,
    })
    expect(
      await failed({ ...request(3), inputs: [{ name: 'structure', datatype: 'BYTES', shape: [1e9] }] }),
    ).toMatchObject({ code: 3, details: /too large/ })
    expect(await failed({ ...request(3), raw_input_contents: [Buffer.alloc(300_000)] })).toMatchObject({
      code: 8,
    })
    close()
  })
})

describe('keys', () => {
  const KEYS = ['0123456789abcdef-one', '0123456789abcdef-two']
  const server = runningServer({ keys: keysFrom(KEYS) })

  it('are asked of everybody but probes, and never logged', async () => {
    const url = `${server().url}/v2/models/${MODEL}`
    expect((await fetch(`${server().url}/v2/health/ready`)).status).toBe(200)
    expect((await fetch(url)).status).toBe(401)
    for (const authorization of ['Bearer wrong', `Bearer ${KEYS[0]}x`, `Basic ${KEYS[0]}`]) {
      const answer = await posted(`${url}/infer`, { inputs: typedChain(2) }, { authorization })
      expect(answer).toMatchObject({ status: 401, json: { code: 'ACCESS' } })
    }
    expect(
      await posted(`${url}/infer`, { inputs: typedChain(2) }, { authorization: `Bearer ${KEYS[1]}` }),
    ).toMatchObject({ status: 200 })
    expect(await posted(`${url}/infer`, { inputs: typedChain(2) }, { 'x-api-key': KEYS[0] })).toMatchObject({
      status: 200,
    })
    const without = clientOf(server().grpc!)
    await expect(without.call('ModelInfer', request(2))).rejects.toMatchObject({ code: 16 })
    expect(await without.call('ServerLive')).toEqual({ live: true })
    const metadata = new Metadata()
    metadata.set('authorization', `Bearer ${KEYS[0]}`)
    const withKey = clientOf(server().grpc!, metadata)
    expect(await withKey.call('ModelInfer', request(2))).toMatchObject({ model_name: MODEL })
    for (const { close } of [without, withKey]) close()
    expect(JSON.stringify(server().log)).not.toContain('0123456789abcdef')
  })
})

describe('bounds', () => {
  it('refuse what is more than may be under way or wait, and end what takes too long', async () => {
    const limits = { ...LIMITS, maxConcurrentRequests: 2, requestTimeoutMs: 4000 }
    // Nothing is answered before the wait is over, which is never.
    const { url, grpc, stop } = await started({ limits, batching: { waitMs: 1e6 } })
    const ask = () => posted(`${url}/v2/models/${MODEL}/infer`, { inputs: typedChain(2) })
    const underWay = [ask(), ask()]
    await expect
      .poll(
        async () =>
          (await fetch(`${url}/metrics`).then((answer) => answer.text())).match(
            /concurrent_requests (\d)/,
          )?.[1],
        { timeout: 3000 },
      )
      .toBe('2')
    const refused = await ask()
    expect(refused).toMatchObject({ status: 429, json: { code: 'OVERLOADED' } })
    expect(refused.headers.get('retry-after')).toBe('1')
    const { call, close } = clientOf(grpc!)
    await expect(call('ModelInfer', request(2))).rejects.toMatchObject({ code: 8 })
    close()
    for (const answer of underWay) {
      expect(await answer).toMatchObject({ status: 504, json: { code: 'DEADLINE', error: /within 4 s/ } })
    }
    await stop(0)
  })

  it('refuse crystals that find no room in the queue', async () => {
    const { url, stop } = await started({
      batching: { waitMs: 1e6, maxWaiting: 2 },
      limits: { ...LIMITS, requestTimeoutMs: 5000 },
    })
    const ask = (count: number) =>
      posted(`${url}/v2/models/${MODEL}/infer`, {
        inputs: [{ name: 'structure', datatype: 'BYTES', shape: [count], data: Array(count).fill(cif(2)) }],
      })
    expect(await ask(3)).toMatchObject({
      status: 429,
      json: { code: 'OVERLOADED', error: /3 more are refused/ },
    })
    await stop(0)
  })

  it('do not let accepted requests go unanswered at the end', async () => {
    const { url, stop } = await started({ batching: { waitMs: 1500 } })
    const answers = Array.from({ length: 8 }, () =>
      posted(`${url}/v2/models/${MODEL}/infer`, { inputs: typedChain(3) }),
    )
    await expect
      .poll(
        async () =>
          (await fetch(`${url}/metrics`).then((answer) => answer.text())).match(
            /concurrent_requests (\d)/,
          )?.[1],
        { timeout: 10_000 },
      )
      .toBe('8')
    const stopped = stop(50)
    expect((await fetch(`${url}/v2/health/ready`)).status).toBe(503)
    expect((await fetch(`${url}/v2/health/live`)).status).toBe(200)
    for (const answer of answers) expect((await answer).status).toBe(200)
    await stopped
    await expect(fetch(url)).rejects.toThrow()
  })

  it('name an address that is taken', async () => {
    const { url, stop } = await started()
    const port = Number(new URL(url).port)
    const models = [{ name: MODEL, source: onDisk() }]
    const taken = {
      code: 'CONNECTION',
      message: `127.0.0.1:${port} cannot be listened on: another program listens there; choose another port, or 0 for any`,
    }
    await expect(started({ port, models })).rejects.toMatchObject(taken)
    await expect(started({ grpcPort: port, models })).rejects.toMatchObject(taken)
    await stop(0)
  })
})
