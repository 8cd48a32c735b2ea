// Evaluators side by side: when further ones start, what each is given, and that many workers give what one gives, in
// the same order and with the same errors, whoever asks, whatever dies.

import { Worker } from 'node:worker_threads'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Evaluator } from '../../runtimes/evaluator.ts'
import type { HostedEvaluator } from '../../runtimes/hosted.ts'
import type { Model } from '../../runtimes/model.ts'
import { load } from '../../runtimes/node/load.ts'
import { pooled } from '../../runtimes/pool.ts'
import type { Outcome } from '../../runtimes/predict.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { DeviceError } from '../../src/errors.ts'
import { loadHere } from '../exporters/crystal/exported.ts'
import { chain, exported } from './models.ts'

const ABSENT_ELEMENT = 110
const crystals = Array.from({ length: 600 }, (_, n) =>
  n % 50 === 7 ? chain(2, ABSENT_ELEMENT) : n % 50 === 9 ? ({} as Structure) : chain(1 + ((n * 31) % 40)),
)
let expected: Outcome[]
beforeAll(async () => {
  const model = await loadHere(exported.bytes)
  expected = await all(model.predictMany(crystals))
  await model.dispose()
})

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

function expectSame(outcomes: readonly Outcome[]): void {
  expect(outcomes.map(({ index, error }) => [index, error?.code])).toEqual(
    expected.map(({ index, error }) => [index, error?.code]),
  )
  expect(new Set(outcomes.map(({ error }) => error?.code))).toEqual(
    new Set([undefined, 'ELEMENT', 'STRUCTURE']),
  )
  for (const [n, { value, error }] of outcomes.entries()) {
    if (error) expect(error).toEqual(expected[n].error)
    else expect(value).toBeCloseTo(expected[n].value!, 5)
  }
}

describe('several workers', () => {
  /** Those that were asked for something. */
  const workers = new Set<Worker>()
  afterEach(() => {
    workers.clear()
    vi.restoreAllMocks()
  })

  /** Predicts until so many workers take part, which they do when there is enough to do. */
  async function busy(threads: number): Promise<Model> {
    const post = Worker.prototype.postMessage
    vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...message) {
      workers.add(this)
      post.apply(this, message as Parameters<typeof post>)
    })
    const model = await load(exported.bytes, { device: 'cpu', threads })
    for (let n = 0; n < 5; n++) await model.predict(chain(3 + n))
    expect(workers.size).toBe(1)
    for (let round = 0; round < 1000 && workers.size < threads; round++)
      await all(model.predictMany(crystals))
    expect(workers.size).toBe(threads)
    return model
  }

  it('give what one gives, to callers that overlap, each in its order', async () => {
    const model = await busy(3)
    async function* later() {
      yield* crystals
    }
    const single = crystals.slice(0, 7)
    const [list, stream, ...values] = await Promise.all([
      all(model.predictMany(crystals)),
      all(model.predictMany(later(), { maxAtoms: 60 })),
      ...single.map(async (crystal) => (await model.predict(crystal)).value),
    ])
    expectSame(list)
    expectSame(stream)
    for (const [n, value] of values.entries()) expect(value).toBeCloseTo(expected[n].value!, 5)
    expect(workers.size).toBe(3)
    await model.dispose()
  })

  it('share a large cell that is alone', async () => {
    const [one, two] = [
      await load(exported.bytes, { threads: 1 }),
      await load(exported.bytes, { threads: 2 }),
    ]
    const { value } = await one.predict(chain(700))
    for (let n = 0; n < 2; n++) expect((await two.predict(chain(700))).value).toBeCloseTo(value, 5)
    await one.dispose()
    await two.dispose()
  })

  it('finish what they were given before the model is disposed', async () => {
    const model = await busy(2)
    const started = model.predictMany(crystals)
    expect((await started.next()).value).toMatchObject({ index: 0 })
    const calls = Array.from({ length: 9 }, (_, n) => model.predict(chain(1 + n)))
    const disposed = model.dispose()
    await expect(model.predict(chain(1))).rejects.toThrow(/was disposed/)
    expect(await Promise.all(calls)).toHaveLength(9)
    await disposed
    await expect(all(started)).rejects.toThrow(/was disposed/)
  })

  it('are replaced when one dies: its calls run again on another', async () => {
    const model = await busy(2)
    const [first, second] = workers
    const calls = Array.from({ length: 6 }, (_, n) => model.predict(chain(30 + n)))
    const many = all(model.predictMany(crystals))
    await new Promise((resolve) => setImmediate(resolve))
    // Only the news of its end is made up: ending it for real, inside onnxruntime, aborts the process.
    second.emit('error', new Error('Worker terminated due to reaching memory limit'))
    expect(await Promise.all(calls)).toHaveLength(6)
    expectSame(await many)
    await model.dispose()
    expect(first.threadId).toBe(-1)
    second.unref()
  })
})

describe('a pool', () => {
  /** Evaluators that answer when they are told to, with their number. */
  function controlled() {
    const given: { readonly by: number; answer(): void; die(): void; readonly crowded?: boolean }[] = []
    let count = 0
    const evaluator = (): HostedEvaluator => {
      const by = count++
      const refused: ((error: Error) => void)[] = []
      let ended: Error | undefined
      const die = () => {
        ended = new DeviceError(`evaluator ${by} was killed`)
        for (const refuse of refused) refuse(ended)
      }
      const evaluate: Evaluator['evaluate'] = (_, __, options) =>
        new Promise((resolve, reject) => {
          refused.push(reject)
          const rows = { prediction: new Float32Array([by]) }
          given.push({ by, answer: () => resolve([{ rows, ms: 1 }]), die, crowded: options?.crowded })
        })
      return {
        engine: 'onnxruntime',
        get ended() {
          return ended
        },
        evaluate,
        attention: () => Promise.reject(),
        release: async () => {},
      }
    }
    return { given, evaluator, count: () => count }
  }
  const crystal = structure(chain(2))
  const turns = async (times = 20) => {
    for (let n = 0; n < times; n++) await new Promise((resolve) => setTimeout(resolve))
  }

  it('starts no further evaluator while one keeps up, and as many as there may be when work waits', async () => {
    const { given, evaluator, count } = controlled()
    const pool = pooled(evaluator(), { open: async () => evaluator(), most: 3, startMs: 0 })
    for (let n = 0; n < 4; n++) {
      const answer = pool.evaluate([crystal], ['prediction'])
      await turns(1)
      given[n].answer()
      await answer
    }
    await turns()
    expect(count()).toBe(1)
    const answers = Array.from({ length: 20 }, () => pool.evaluate([crystal], ['prediction']))
    await turns()
    expect(count()).toBe(3)
    // One to work on and one that waits, for each; the first was given two before there were others.
    const asked = given.slice(4)
    expect(asked.map(({ by }) => by).sort()).toEqual([0, 0, 1, 1, 2, 2])
    // Cores are free until the last evaluator has something to do.
    expect(given.slice(0, -2).some(({ crowded }) => crowded)).toBe(false)
    expect(given.slice(-2).every(({ crowded }) => crowded)).toBe(true)
    for (let n = 4; n < 24; n++) {
      given[n].answer()
      await turns(1)
    }
    expect(await Promise.all(answers)).toHaveLength(20)
    await pool.release()
  })

  it('goes on with those that are there when no further one can be started', async () => {
    const { given, evaluator } = controlled()
    const open = vi.fn(() => Promise.reject(new Error('no memory')))
    const pool = pooled(evaluator(), { open, most: 3, startMs: 0 })
    const answers = Array.from({ length: 5 }, () => pool.evaluate([crystal], ['prediction']))
    await turns()
    for (let n = 0; n < 5; n++) {
      given[n].answer()
      await turns(1)
    }
    expect(await Promise.all(answers)).toHaveLength(5)
    expect(open).toHaveBeenCalledTimes(3)
    await pool.release()
  })

  it('asks another when one dies, and fails what two died of', async () => {
    const { given, evaluator, count } = controlled()
    const pool = pooled(evaluator(), { open: async () => evaluator(), most: 1, startMs: 0 })
    const answers = [1, 2, 3].map(() => pool.evaluate([crystal], ['prediction']))
    const outcomes = Promise.allSettled(answers)
    await turns()
    // Of three calls two were given out; each goes to a second evaluator before the third, and that dies, too.
    given[0].die()
    await turns()
    expect(given.map(({ by }) => by)).toEqual([0, 0, 1, 1])
    given[2].die()
    await turns()
    expect(given.map(({ by }) => by)).toEqual([0, 0, 1, 1, 2])
    given[4].answer()
    const message = 'tried twice: evaluator 1 was killed'
    expect(await outcomes).toMatchObject([
      { status: 'rejected', reason: { code: 'DEVICE', message } },
      { status: 'rejected', reason: { code: 'DEVICE', message } },
      { status: 'fulfilled' },
    ])
    // One that dies while nobody asks is replaced when somebody does.
    given[4].die()
    const late = pool.evaluate([crystal], ['prediction'])
    await turns()
    expect(count()).toBe(4)
    given[5].answer()
    expect((await late)[0]).toMatchObject({ rows: { prediction: new Float32Array([3]) } })
    await pool.release()
  })

  it('says why when none can be started any more', async () => {
    const { given, evaluator } = controlled()
    const pool = pooled(evaluator(), {
      open: () => Promise.reject(new Error('no memory')),
      most: 1,
      startMs: 0,
    })
    const answer = pool.evaluate([crystal], ['prediction'])
    await turns(1)
    given[0].die()
    await expect(answer).rejects.toThrow('no memory')
    await expect(pool.evaluate([crystal], ['prediction'])).rejects.toThrow('no memory')
    await pool.release()
  })

  it('does not begin what was given up while it waited', async () => {
    const { given, evaluator } = controlled()
    const pool = pooled(evaluator(), { open: async () => evaluator(), most: 1, startMs: 0 })
    const stop = new AbortController()
    const first = [pool.evaluate([crystal], ['prediction']), pool.evaluate([crystal], ['prediction'])]
    const late = pool.evaluate([crystal], ['prediction'], { signal: stop.signal })
    stop.abort(new Error('enough'))
    await turns(1)
    expect(given).toHaveLength(2)
    for (const { answer } of given) answer()
    await Promise.all(first)
    await expect(late).rejects.toThrow('enough')
    expect(given).toHaveLength(2)
    await pool.release()
  })
})
