// Evaluators of Node: the event loop stays free, answers keep their order, failures are typed errors and never hangs, and
// an idle model does not keep the process alive.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readModelFile } from '../../runtimes/model-file.ts'
import { load } from '../../runtimes/node/load.ts'
import { openNode } from '../../runtimes/node/open.ts'
import type { Runtime } from '../../runtimes/runtime.ts'
import { structure } from '../../src/crystal/structure.ts'
import { DeviceError, ModelFileError } from '../../src/errors.ts'
import { chain, exported, onDisk } from './models.ts'

const { card, inputs, outputs } = readModelFile(exported.bytes)
const content = { bytes: exported.bytes, card, inputs, outputs }
const open = (worker: boolean, model = content) =>
  openNode(model, { engine: 'onnxruntime', device: 'cpu', threads: 1, worker })
/** Predictions of chains of so many atoms. */
async function values(runtime: Runtime, ...counts: number[]): Promise<number[]> {
  const results = await runtime.evaluate(
    counts.map((count) => chain(count)),
    ['prediction'],
  )
  return results.map((result) => {
    if (result instanceof Error) throw result
    return result.rows.prediction[0]
  })
}

describe.each([true, false])('worker: %s', (worker) => {
  it('answers overlapping calls with the rows of each', async () => {
    const runtime = await open(worker)
    const counts = [5, 1, 9, 2, 7, 3]
    const alone: number[][] = []
    for (const count of counts) alone.push(await values(runtime, count))
    expect(await Promise.all(counts.map((count) => values(runtime, count)))).toEqual(alone)
    await runtime.dispose()
  })

  it('finishes what was asked for before it is disposed, and refuses what comes later', async () => {
    const runtime = await open(worker)
    const calls = [values(runtime, 40), values(runtime, 3, 4)]
    const disposed = runtime.dispose()
    await expect(values(runtime, 1)).rejects.toThrow(/was disposed; load it again/)
    await expect(runtime.attention(chain(1))).rejects.toThrow(/was disposed; load it again/)
    expect((await Promise.all(calls)).map(({ length }) => length)).toEqual([1, 2])
    await disposed
    await runtime.dispose()
  })

  it('survives what the graph refuses', async () => {
    const runtime = await open(worker)
    await expect(runtime.evaluate([chain(2)], ['nothing'])).rejects.toThrow(DeviceError)
    expect(await values(runtime, 2)).toHaveLength(1)
    await runtime.dispose()
    const lacking = await open(worker, { ...content, inputs: inputs.filter((name) => name !== 'occupancy') })
    await expect(values(lacking, 2)).rejects.toThrow(ModelFileError)
    await expect(values(lacking, 2)).rejects.toThrow(/input "occupancy"/)
    await lacking.dispose()
  })
})

describe('the event loop', () => {
  /** Turns of the event loop until something is done. */
  async function turnsDuring(work: Promise<unknown>): Promise<number> {
    let turns = 0
    let done = false
    const ended = () => {
      done = true
    }
    work.then(ended, ended)
    while (!done) {
      await new Promise((resolve) => setImmediate(resolve))
      turns++
    }
    return turns
  }

  it('is free while tables are made and the graph runs', async () => {
    const model = await load(exported.bytes, { device: 'cpu', threads: 1 })
    // A prediction in the calling thread leaves a turn or two.
    expect(await turnsDuring(model.predict(chain(1500)))).toBeGreaterThan(20)
    // Refused after its tables are made, before anything runs: made in the calling thread they leave no turn at all.
    const { lattice, frac, species } = chain(1500)
    const doubled = structure({ lattice, frac: [...frac, frac[0]], species: [...species, species[0]] })
    const refused = model.predict(doubled)
    const turns = await turnsDuring(refused)
    await expect(refused).rejects.toThrow(/sites 1 and 1501 .* no crystal/)
    expect(turns).toBeGreaterThan(20)
    await model.dispose()
  })
})

describe('a worker that stops', () => {
  afterEach(() => vi.restoreAllMocks())

  it('is replaced, and what it was asked is asked again', async () => {
    const workers = new Set<Worker>()
    const post = Worker.prototype.postMessage
    vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...message) {
      workers.add(this)
      post.apply(this, message as Parameters<typeof post>)
    })
    const runtime = await open(true)
    const expected = await values(runtime, 9)
    const again = [values(runtime, 9), values(runtime, 9), values(runtime, 9)]
    await Promise.resolve()
    // What Node reports when a thread runs out of memory. Ending it for real, inside onnxruntime, aborts the process.
    const [first] = workers
    first.emit('error', new Error('Worker terminated due to reaching memory limit'))
    for (const found of await Promise.all(again)) expect(found).toEqual(expected)
    expect(workers.size).toBe(2)
    await runtime.dispose()
    first.unref()
  })
})

const runtimes = fileURLToPath(new URL('../../runtimes/index.ts', import.meta.url))

function run(program: string) {
  return spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    encoding: 'utf8',
    timeout: 50_000,
  })
}

it('lets the process end, disposed or not', () => {
  const program = `
    const { load } = await import(${JSON.stringify(runtimes)})
    const crystal = { lattice: [[3, 0, 0], [0, 3, 0], [0, 0, 3]], frac: [[0, 0, 0]], species: [29] }
    const open = () => load(${JSON.stringify(onDisk())}, { device: 'cpu' })
    const models = [await open(), await open()]
    for (const model of models) console.log((await model.predict(crystal)).value)
    await models[0].dispose()
  `
  const { status, stdout, stderr } = run(program)
  expect(stderr).toBe('')
  expect(status).toBe(0)
  const [first, second] = stdout.trim().split('\n')
  expect(first).toBe(second)
})

it('ends a process that fails during a run with its own error, not with a crash of onnxruntime', () => {
  const program = `
    const { load } = await import(${JSON.stringify(runtimes)})
    const model = await load(${JSON.stringify(onDisk())}, { threads: 1 })
    const size = 1200
    const crystal = { lattice: [[3 * size, 0, 0], [0, 3, 0], [0, 0, 3]], species: Array(size).fill(29),
      frac: Array.from({ length: size }, (_, n) => [n / size, 0, 0]) }
    model.predict(crystal).catch(() => {})
    setTimeout(() => { throw new Error('of the program') }, 5)
  `
  const { status, stderr } = run(program)
  expect(stderr).toContain('of the program')
  expect(stderr).not.toContain('terminate')
  expect(status).toBe(1)
})
