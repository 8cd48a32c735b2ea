// The server with the clients of others, tritonclient over HTTP and gRPC, and under what happens to servers: evaluators that
// are killed, requests of no good will, a signal in the middle. Everything stays on 127.0.0.1 and is bounded in number.

import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../src/client/index.ts'
import { CLI, example } from '../cli/run.ts'
import { loadHere } from '../exporters/crystal/exported.ts'
import { chain, exported, onDisk } from '../runtimes/models.ts'
import { typedChain } from '../server/running.ts'
import { type Served, serve } from './served.ts'

const PYTHON = fileURLToPath(
  new URL('../../node_modules/.cache/crystal-onnx/triton/bin/python', import.meta.url),
)
/** More of them in a longer run: docs/serving.md. */
const KILLS = Number(process.env.SERVING_KILLS ?? 12)
const ROUNDS = Number(process.env.HOSTILE_ROUNDS ?? 30)

const CLIENT = fileURLToPath(new URL('./serving-client.py', import.meta.url))

/** Processes that a server has started. */
function evaluatorsOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`
  return readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

const hasTriton = existsSync(PYTHON)
const triton = hasTriton ? 'tritonclient' : 'tritonclient is not installed (.ci/run sets it up)'

describe.skipIf(!hasTriton)(triton, () => {
  let server: Served
  beforeAll(async () => {
    server = await serve('formation-energy-small', '--workers', '1')
  })
  afterAll(async () => {
    process.kill(server.pid, 'SIGTERM')
    expect(await server.ended).toBe(0)
  })

  it('gets health, metadata, predictions, errors and the repository over HTTP and gRPC', async () => {
    const args = [CLIENT, server.url.slice('http://'.length), server.grpc, example('NaCl.cif')]
    const { stdout } = await promisify(execFile)(PYTHON, args, { timeout: 50_000 })
    const answers = JSON.parse(stdout)
    const predicted = execFileSync(process.execPath, [
      CLI,
      'predict',
      example('NaCl.cif'),
      '-m',
      'formation-energy-small',
      '--json',
    ])
    const { value, interval, domain } = JSON.parse(String(predicted))
    for (const how of ['http binary', 'http json', 'grpc']) {
      const { texts, numbers, ...rest } = answers[how]
      for (const [prediction] of [...texts.prediction, ...numbers.prediction])
        expect(prediction).toBeCloseTo(value[0], 5)
      expect(texts.uncertainty[1][0][1]).toBeCloseTo(interval.high[0], 5)
      expect(JSON.parse(texts.domain[1])).toEqual({ ...domain, score: expect.closeTo(domain.score, 5) })
      expect(rest).toMatchObject({
        ...{ live: true, ready: true, model_ready: true, unloaded: false, loaded: true, embedding: [2, 64] },
        ...{
          broken: expect.stringMatching(/crystal 1: .*not recognised/),
          unknown: expect.stringMatching(/no model "other" here/),
        },
      })
    }
  })
})

describe('under load', () => {
  const COUNTS = [1, 2, 3, 5, 8, 13]
  const expected = new Map<number, number>()
  beforeAll(async () => {
    const model = await loadHere(exported.bytes)
    for (const count of COUNTS) expected.set(count, (await model.predict(chain(count))).value)
    await model.dispose()
  })

  /** Asks until `asking` says no; what came of each request. */
  function clients(url: string, many: number, asking: () => boolean) {
    const model = connect(url)
    let answered = 0
    const failures: string[] = []
    const one = async (n: number) => {
      for (let round = n; asking(); round++) {
        const count = COUNTS[round % COUNTS.length]
        try {
          const { value } = await model.predict(chain(count))
          if (Math.abs(value - expected.get(count)!) > 1e-5) failures.push(`${count}: ${value}`)
          answered++
        } catch (error) {
          failures.push((error as { code?: string }).code ?? String(error))
        }
      }
    }
    const done = Promise.all(Array.from({ length: many }, (_, n) => one(n)))
    return { done, failures, answered: () => answered }
  }

  it(
    'answers every request while its evaluators are killed, one after the other',
    async () => {
      const { url, pid, ended } = await serve(`tiny=${onDisk()}`, '--workers', '2')
      let kills = 0
      const { done, failures, answered } = clients(url, 8, () => kills < KILLS)
      const deadline = Date.now() + 4000 * KILLS
      while (kills < KILLS && Date.now() < deadline) {
        const before = answered()
        const [evaluator] = evaluatorsOf(pid)
        if (evaluator !== undefined) {
          process.kill(evaluator, 'SIGKILL')
          kills++
        }
        // Until it answers again.
        while (answered() < before + 8 && Date.now() < deadline)
          await new Promise((resolve) => setTimeout(resolve, (kills * 37) % 100))
      }
      await done
      expect(kills).toBe(KILLS)
      // A call whose second evaluator was killed, too, says so.
      expect(failures.filter((code) => code !== 'DEVICE')).toEqual([])
      expect(answered()).toBeGreaterThan(8 * KILLS)
      process.kill(pid, 'SIGTERM')
      expect(await ended).toBe(0)
    },
    5000 * KILLS,
  )

  it('answers what it accepted when a signal ends it', async () => {
    const { url, pid, ended } = await serve(`tiny=${onDisk()}`, '--workers', '1', '--drain', '1')
    let asking = true
    const { done, failures, answered } = clients(url, 8, () => asking)
    await expect.poll(answered, { timeout: 20_000 }).toBeGreaterThan(50)
    process.kill(pid, 'SIGTERM')
    await expect.poll(async () => (await fetch(`${url}/v2/health/ready`)).status).toBe(503)
    asking = false
    await done
    expect(failures).toEqual([])
    expect(await ended).toBe(0)
  })

  it(
    'lives through requests of no good will, and does not grow',
    async () => {
      const { url, grpc, pid, ended } = await serve(
        `tiny=${onDisk()}`,
        '--workers',
        '1',
        '--max-body',
        '0.25',
      )
      const resident = () =>
        Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
      await hostile(url, grpc, 10)
      const before = resident()
      await hostile(url, grpc, ROUNDS)
      // What a garbage collector leaves is no growth: the bodies alone were several times as much.
      expect(resident() - before).toBeLessThan(80)
      const { value } = await connect(url).predict(chain(5))
      expect(value).toBeCloseTo(expected.get(5)!, 5)
      process.kill(pid, 'SIGTERM')
      expect(await ended).toBe(0)
    },
    60_000 + 1000 * ROUNDS,
  )
})

/** Some rounds of a dozen requests each that are wrong in a way of their own; all are answered or closed. */
async function hostile(url: string, grpc: string, rounds: number): Promise<void> {
  const path = '/v2/models/tiny/infer'
  const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(url + path, { method: 'POST', body, headers }).then(
      ({ status }) => status,
      () => 0,
    )
  const bytes = (...head: unknown[]) => JSON.stringify({ inputs: head })
  const text = { name: 'structure', datatype: 'BYTES', shape: [1] }
  for (let round = 0; round < rounds; round++) {
    const statuses = await Promise.all([
      post('['.repeat(100_000)),
      post(`{"inputs":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
      post(bytes({ ...text, shape: [1e9], data: [] })),
      post(bytes({ ...text, shape: [2 ** 27], parameters: { binary_data_size: 4e9 } }), {
        'inference-header-content-length': '10',
      }),
      post(bytes({ ...text, data: ['x'.repeat(200_000)] })),
      post('x'.repeat(300_000)),
      post(new Uint8Array(1000).fill(round), { 'inference-header-content-length': '1000' }),
      post(bytes(...Array(40).fill(text))),
      post(
        bytes(
          ...typedChain(3).map((tensor) => ({ ...tensor, shape: tensor.shape.map((size) => size * 1e6) })),
        ),
      ),
      post(
        `{"__proto__": {"inputs": 1}, "constructor": {"prototype": {}}, "inputs": ${'1'.repeat(round + 1)}}`,
      ),
      post('x', { 'content-type': 'multipart/form-data; boundary=' }),
      post('x', { 'content-encoding': 'gzip' }),
      post(bytes(text), { 'inference-header-content-length': '-1' }),
    ])
    for (const status of statuses) expect(status === 0 || (status >= 400 && status < 500)).toBe(true)
    for (const [address, written] of [
      [new URL(url).host, `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n{"inp`],
      [new URL(url).host, `GET /${'a'.repeat(40_000)} HTTP/1.1\r\n\r\n`],
      [grpc, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff'],
    ]) {
      await new Promise<void>((resolve) => {
        const [host, port] = address.split(':')
        const socket = connectTcp(Number(port), host, () => {
          socket.write(written, 'latin1')
          setTimeout(() => socket.destroy(), 2)
        })
        socket.on('close', () => resolve())
        socket.on('error', () => {})
      })
    }
  }
}
