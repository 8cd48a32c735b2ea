// What a server gives of what the cores have: clients on loopback ask it, one crystal a request, beside `predictMany` on the
// same cores and beside a server that predicts each request alone. The servers are processes of their own, so that their
// processor time is known beside that of the clients, which share the cores with them. Everything stays on 127.0.0.1 and is
// bounded in number.

import { type ChildProcess, spawn } from 'node:child_process'
import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Model } from '../runtimes/model.ts'
import { load } from '../runtimes/node/load.ts'
import { crystalTensors, requestBody } from '../src/client/wire.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { usageOf } from './processes.ts'
import { mixes } from './workload.ts'

export interface ServingResult {
  readonly how: 'predictMany' | 'serve' | 'serve at 70 % load' | 'serve at twice the load' | 'one a request'
  readonly requests: number
  /** of predictMany: processor time of as many atoms as a server gives an evaluator at a time at most, ms */
  readonly full_batch_ms?: number
  /** requests that were not answered with a prediction, nor refused */
  readonly failed: number
  /** requests that were refused since there were too many */
  readonly refused: number
  readonly per_second: number
  /** throughput in that of predictMany */
  readonly ratio: number
  /** ms from a request to its answer */
  readonly p50_ms?: number
  readonly p99_ms?: number
  /** the same of requests that were refused */
  readonly refused_p50_ms?: number
  readonly refused_p99_ms?: number
  /** processor time of an answer, ms: of what predicts, all its processes, and of the clients */
  readonly processor_ms?: number
  readonly clients_ms?: number
  /** largest difference to predictMany, in the unit of the target */
  readonly difference?: number
  /** of the server: its event loop, and the memory of its processes at the end in that after the warm-up */
  readonly loop_p99_ms?: number
  readonly memory_growth?: number
}

export interface ServingOptions {
  readonly requests: number
  readonly clients: number
  readonly model: string
}

const MODEL = 'bench'
const SERVE = '../src/cli/main.ts'
/** What predictMany gives, too. */
const OUTPUTS = ['prediction', 'uncertainty', 'domain']
/** Shares of the throughput: at which latency is looked at, and at which the server cannot but refuse. */
const LOAD = { eased: 0.7, overloaded: 2 }
/** Requests under way that a server accepts under too much load. */
const ACCEPTED = 64
/** Requests before the clock starts: evaluators have started and code is compiled by then. */
const WARM_UP = 4000
/** Of what the card says: what `serve` gives an evaluator at a time. */
const FULL_RUNS = 4

export async function benchServing(
  { requests, clients, model: source }: ServingOptions,
  onProgress: (message: string) => void,
): Promise<ServingResult[]> {
  const model = await load(source, { device: 'cpu' })
  const crystals = await good(model, mixes().mixes.find(({ name }) => name === 'mp')!.crystals)
  const [stream, warmUp] = [requests, WARM_UP].map((length) =>
    Array.from({ length }, (_, n) => crystals[n % crystals.length]),
  )
  onProgress('predictMany')
  await values(model, warmUp)
  const start = performance.now()
  const used = process.cpuUsage()
  const expected = await values(model, stream)
  const most = requests / ((performance.now() - start) / 1000)
  const processor_ms = millisecondsOf(process.cpuUsage(used)) / requests
  const atoms = stream.reduce((sum, { species }) => sum + species.length, 0)
  const { max_atoms: maxAtoms } = model.card
  await model.dispose()
  const bodies = crystals.map((crystal) =>
    requestBody(crystalTensors([crystal]), { outputs: OUTPUTS, parameters: {} }),
  )

  async function ask(
    program: string,
    how: ServingResult['how'],
    { perSecond, options = [] }: { readonly perSecond?: number; readonly options?: readonly string[] } = {},
  ): Promise<ServingResult> {
    const { child, url } = await started(program, source, options)
    const agent = new Agent({ keepAlive: true, maxSockets: perSecond ? 8 * clients : clients })
    const one = (n: number) => timed(url, agent, bodies[n % bodies.length])
    try {
      onProgress(`${how}: warming up`)
      await closedLoop(WARM_UP, clients, one)
      const before = usageOf(child.pid!)
      onProgress(how)
      const start = performance.now()
      const used = process.cpuUsage()
      const answers = perSecond
        ? await openLoop(requests, perSecond, one)
        : await closedLoop(requests, clients, one)
      const seconds = (performance.now() - start) / 1000
      const clientsMs = millisecondsOf(process.cpuUsage(used))
      const after = usageOf(child.pid!)
      const loop_p99_ms = await loopDelay(url)
      const answered = answers.filter(({ value }) => value !== undefined)
      const refused = answers.filter((answer) => answer.refused)
      const differences = answers.flatMap(({ value }, n) =>
        value === undefined ? [] : Math.abs(value - expected[n]),
      )
      return {
        ...{ how, requests, refused: refused.length },
        failed: requests - answered.length - refused.length,
        ...{ per_second: answered.length / seconds, ratio: answered.length / seconds / most },
        ...{ p50_ms: percentile(answered, 0.5), p99_ms: percentile(answered, 0.99) },
        ...(refused.length > 0 && {
          refused_p50_ms: percentile(refused, 0.5),
          refused_p99_ms: percentile(refused, 0.99),
        }),
        ...(before &&
          after && {
            processor_ms: (after.processorMs - before.processorMs) / answered.length,
            memory_growth: after.bytes / before.bytes,
          }),
        ...{ clients_ms: clientsMs / answered.length, loop_p99_ms },
        difference: differences.reduce((largest, one) => Math.max(largest, one), 0),
      }
    } finally {
      agent.destroy()
      child.kill('SIGTERM')
      await new Promise((resolve) => child.once('exit', resolve))
    }
  }

  const many: ServingResult = {
    ...{ how: 'predictMany', requests, failed: 0, refused: 0, per_second: most, ratio: 1, processor_ms },
    full_batch_ms: (processor_ms * requests * FULL_RUNS * maxAtoms) / atoms,
  }
  const naive = await ask('./serving-naive.ts', 'one a request')
  const served = await ask(SERVE, 'serve')
  const eased = await ask(SERVE, 'serve at 70 % load', { perSecond: LOAD.eased * served.per_second })
  const overloaded = await ask(SERVE, 'serve at twice the load', {
    perSecond: LOAD.overloaded * served.per_second,
    options: ['--max-concurrent-requests', String(ACCEPTED)],
  })
  return [many, served, eased, overloaded, naive]
}

function percentile(answers: readonly Answer[], share: number): number {
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b)
  return times[Math.floor(times.length * share)]
}

function millisecondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
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
async function started(
  program: string,
  source: string,
  options: readonly string[],
): Promise<{ child: ChildProcess; url: string }> {
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
    ...options,
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
  readonly refused?: boolean
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
    const failed = (refused = false) => resolve({ ms: performance.now() - start, refused })
    const call = request(
      `${url}/v2/models/${MODEL}/infer`,
      { method: 'POST', agent, headers },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part) => parts.push(part))
        response.on('error', () => failed())
        response.on('end', () => {
          if (response.statusCode !== 200) return failed(response.statusCode === 429)
          // A number of four bytes behind the JSON, and others.
          const at = Number(response.headers['inference-header-content-length'] ?? 0)
          resolve({ ms: performance.now() - start, value: Buffer.concat(parts).readFloatLE(at) })
        })
      },
    )
    call.on('error', () => failed())
    call.end(body)
  })
}

/** Delay of the event loop of a server, 99th percentile, ms; undefined where it does not say. */
async function loopDelay(url: string): Promise<number | undefined> {
  const response = await fetch(`${url}/metrics`)
  const text = await response.text()
  return response.ok ? 1000 * Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(text)![1]) : undefined
}
