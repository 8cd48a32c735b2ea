// What a server gives of what the cores have: clients on loopback ask it, one crystal a request, beside `predictMany` on the
// same cores and beside a server that predicts each request alone. The servers are processes of their own; everything stays
// on 127.0.0.1 and is bounded in number.

import { type ChildProcess, spawn } from 'node:child_process'
import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Model } from '../runtimes/model.ts'
import { load } from '../runtimes/node/load.ts'
import { crystalTensors, requestBody } from '../src/client/wire.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { mixes } from './workload.ts'

export interface ServingResult {
  readonly how: 'predictMany' | 'serve' | 'serve at 70 % load' | 'one a request'
  readonly requests: number
  /** requests that were not answered with a prediction */
  readonly failed: number
  readonly per_second: number
  /** throughput in that of predictMany */
  readonly ratio: number
  /** ms from a request to its answer */
  readonly p50_ms?: number
  readonly p99_ms?: number
  /** largest difference to predictMany, in the unit of the target */
  readonly difference?: number
  /** of the server: its event loop, and its memory after the last request in that after the first tenth */
  readonly loop_p99_ms?: number
  readonly memory_growth?: number
}

export interface ServingOptions {
  readonly requests: number
  readonly clients: number
  readonly model: string
}

const MODEL = 'bench'
/** What predictMany gives, too. */
const OUTPUTS = ['prediction', 'uncertainty', 'domain']
/** Share of the throughput at which latency is looked at. */
const LOAD = 0.7

export async function benchServing(
  { requests, clients, model: source }: ServingOptions,
  onProgress: (message: string) => void,
): Promise<ServingResult[]> {
  const model = await load(source, { device: 'cpu' })
  const crystals = await good(model, mixes().mixes.find(({ name }) => name === 'mp')!.crystals)
  const stream = Array.from({ length: requests }, (_, n) => crystals[n % crystals.length])
  onProgress('predictMany')
  await values(model, stream.slice(0, requests / 10))
  const start = performance.now()
  const expected = await values(model, stream)
  const most = requests / ((performance.now() - start) / 1000)
  await model.dispose()
  const bodies = crystals.map((crystal) =>
    requestBody(crystalTensors([crystal]), { outputs: OUTPUTS, parameters: {} }),
  )

  async function ask(program: string, how: ServingResult['how'], perSecond?: number): Promise<ServingResult> {
    const { child, url } = await started(program, source)
    const agent = new Agent({ keepAlive: true, maxSockets: perSecond ? 4 * clients : clients })
    const one = (n: number) => timed(url, agent, bodies[n % bodies.length])
    try {
      onProgress(`${how}: warming up`)
      await closedLoop(requests / 10, clients, one)
      const before = await metrics(url)
      onProgress(how)
      const start = performance.now()
      const answers = perSecond
        ? await openLoop(requests, perSecond, one)
        : await closedLoop(requests, clients, one)
      const seconds = (performance.now() - start) / 1000
      const after = await metrics(url)
      const answered = answers.filter(({ value }) => value !== undefined)
      const times = answered.map(({ ms }) => ms).sort((a, b) => a - b)
      const differences = answers.flatMap(({ value }, n) =>
        value === undefined ? [] : Math.abs(value - expected[n]),
      )
      return {
        ...{ how, requests, failed: requests - answered.length },
        ...{ per_second: answered.length / seconds, ratio: answered.length / seconds / most },
        ...{ p50_ms: times[Math.floor(times.length / 2)], p99_ms: times[Math.floor(times.length * 0.99)] },
        difference: differences.reduce((largest, one) => Math.max(largest, one), 0),
        ...(after && before && { loop_p99_ms: after.loopMs, memory_growth: after.bytes / before.bytes }),
      }
    } finally {
      agent.destroy()
      child.kill('SIGTERM')
      await new Promise((resolve) => child.once('exit', resolve))
    }
  }

  const many: ServingResult = { how: 'predictMany', requests, failed: 0, per_second: most, ratio: 1 }
  const naive = await ask('./serving-naive.ts', 'one a request')
  const served = await ask('../src/cli/main.ts', 'serve')
  const eased = await ask('../src/cli/main.ts', 'serve at 70 % load', LOAD * served.per_second)
  return [many, served, eased, naive]
}

/** Those that the model does not refuse. */
async function good(model: Model, crystals: readonly Structure[]): Promise<Structure[]> {
  const kept: Structure[] = []
  for await (const { index, error } of model.predictMany(crystals)) if (!error) kept.push(crystals[index])
  return kept
}

async function values(model: Model, crystals: readonly Structure[]): Promise<number[]> {
  const found: number[] = []
  for await (const { value } of model.predictMany(crystals)) found.push(value!)
  return found
}

/** The program's first line with an address is the sign that it answers. */
async function started(program: string, source: string): Promise<{ child: ChildProcess; url: string }> {
  const file = fileURLToPath(new URL(program, import.meta.url))
  const args = [
    'serve',
    `${MODEL}=${source}`,
    '--port',
    '0',
    '--grpc-port',
    'off',
    '--device',
    'cpu',
    '--json',
  ]
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => {
      const { url } = JSON.parse(line)
      if (url) resolve(url)
    })
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)))
  })
  return { child, url }
}

interface Answer {
  readonly ms: number
  readonly value?: number
}

/** Each client asks again when it is answered. */
async function closedLoop(
  count: number,
  clients: number,
  ask: (n: number) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = []
  let next = 0
  const client = async () => {
    for (let n = next++; n < count; n = next++) answers[n] = await ask(n)
  }
  await Promise.all(Array.from({ length: clients }, client))
  return answers
}

/** Requests come at their times, whether others are answered or not. */
async function openLoop(
  count: number,
  perSecond: number,
  ask: (n: number) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Promise<Answer>[] = []
  const start = performance.now()
  while (answers.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - start) / 1000) * perSecond))
    while (answers.length < due) answers.push(ask(answers.length))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return Promise.all(answers)
}

function timed(
  url: string,
  agent: Agent,
  { body, jsonLength }: ReturnType<typeof requestBody>,
): Promise<Answer> {
  const start = performance.now()
  const headers = { 'inference-header-content-length': jsonLength, 'content-length': body.length }
  return new Promise((resolve) => {
    const failed = () => resolve({ ms: performance.now() - start })
    const call = request(
      `${url}/v2/models/${MODEL}/infer`,
      { method: 'POST', agent, headers },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part) => parts.push(part))
        response.on('error', failed)
        response.on('end', () => {
          if (response.statusCode !== 200) return failed()
          // A number of four bytes behind the JSON, and others.
          const at = Number(response.headers['inference-header-content-length'] ?? 0)
          resolve({ ms: performance.now() - start, value: Buffer.concat(parts).readFloatLE(at) })
        })
      },
    )
    call.on('error', failed)
    call.end(body)
  })
}

/** Undefined where there are none. */
async function metrics(
  url: string,
): Promise<{ readonly loopMs: number; readonly bytes: number } | undefined> {
  const response = await fetch(`${url}/metrics`)
  const text = await response.text()
  if (!response.ok) return undefined
  const number = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)![1])
  return {
    loopMs: 1000 * number('nodejs_eventloop_lag_p99_seconds'),
    bytes: number('process_resident_memory_bytes'),
  }
}
