// The queue before a runtime: which crystals share a run, whose turn it is, what is refused or given up. Runs of a made-up
// runtime show who was given what; the values are those of the real one.

import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { batched } from '../../runtimes/batching.ts'
import type { Batching, Run } from '../../runtimes/batching-options.ts'
import type { EvaluateOptions, Rows } from '../../runtimes/evaluator.ts'
import type { Model } from '../../runtimes/model.ts'
import { load } from '../../runtimes/node/load.ts'
import type { Runtime } from '../../runtimes/runtime.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { chain, exported } from './models.ts'

const CARD = { geometry: { images: { kind: 'sphere', radius: 5 } }, max_atoms: 25 } as const
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

interface Given {
  readonly atoms: number[]
  readonly outputs: readonly string[]
  readonly options: EvaluateOptions
  answer(): void
  fail(error: Error): void
}

/** A runtime whose runs are answered by hand, each crystal with its number of atoms. */
function byHand(parallel = 1) {
  const given: Given[] = []
  let disposed = false
  const runtime: Runtime = {
    ...{ device: 'cpu', parallel, engine: 'fused' },
    evaluate: (crystals, outputs, options = {}) =>
      new Promise((resolve, reject) => {
        const atoms = crystals.map(({ species }) => species.length)
        const rows = atoms.map((count): Rows => ({ rows: { prediction: new Float32Array([count]) }, ms: 1 }))
        given.push({ atoms, outputs, options, answer: () => resolve(rows), fail: reject })
      }),
    attention: () => Promise.reject(new Error('not asked for')),
    async dispose() {
      disposed = true
    },
  }
  return { given, runtime, isDisposed: () => disposed }
}

describe('a queue', () => {
  let queue: Runtime
  let hand: ReturnType<typeof byHand>
  function open(options: Batching, parallel?: number): void {
    hand = byHand(parallel)
    queue = batched(hand.runtime, CARD, options)
  }
  const ask = (atoms: number | readonly number[], options: EvaluateOptions = {}) =>
    queue.evaluate(
      [atoms].flat().map((count) => structure(chain(count))),
      ['prediction'],
      options,
    )
  const counts = async (answer: ReturnType<typeof ask>) =>
    (await answer).map((row) => ('rows' in row ? row.rows.prediction[0] : row))

  it('gives calls that come within the wait to one run, and to each what is its own', async () => {
    open({ waitMs: 50 })
    const answers = [ask(3), ask([1, 2]), ask(4)]
    await vi.waitFor(() => expect(hand.given.length).toBeGreaterThan(0))
    expect(hand.given.map(({ atoms }) => atoms)).toEqual([[3, 1, 2, 4]])
    hand.given[0].answer()
    expect(await Promise.all(answers.map(counts))).toEqual([[3], [1, 2], [4]])
  })

  it('waits for nobody when a run is full, and cuts runs by atoms', async () => {
    open({ waitMs: 1e6, maxAtoms: 10 }, 4)
    const answers = [ask([4, 4, 4]), ask(20), ask(9)]
    // What is larger than a run is alone; the last one fills none.
    expect(hand.given.map(({ atoms }) => atoms)).toEqual([[4, 4], [4], [20]])
    answers.push(ask(1))
    expect(hand.given[3].atoms).toEqual([9, 1])
    for (const { answer } of hand.given) answer()
    expect(await Promise.all(answers.map(counts))).toEqual([[4, 4, 4], [20], [9], [1]])
  })

  it('cuts runs by images', async () => {
    const runs: Run[] = []
    // 4/3 π 5³ Å³ around each of 2 atoms, of which there is one in 45 Å³: 11.6 images of each.
    open({ waitMs: 1, maxImages: 30, onRun: (run) => runs.push(run) })
    const answers = [ask(2), ask(2), ask(2)]
    await turn()
    expect(hand.given.map(({ atoms }) => atoms)).toEqual([[2], [2]])
    hand.given[0].answer()
    await turn()
    hand.given[1].answer()
    hand.given[2].answer()
    await Promise.all(answers)
    expect(runs).toHaveLength(3)
    expect(runs[0]).toMatchObject({ crystals: 1, atoms: 2, images: expect.closeTo(23.27, 2), waiting: 1 })
  })

  it('gives clients turns crystal by crystal', async () => {
    open({ waitMs: 0, maxAtoms: 8 })
    const many = Array.from({ length: 20 }, () => 4)
    const answers = [
      ask(many, { client: 'greedy' }),
      ask([1, 1], { client: 'modest' }),
      ask([2, 2], { client: 'other' }),
    ]
    await turn()
    // Two runs began before the others came.
    for (let n = 0; hand.given.length > n; n++) {
      hand.given[n].answer()
      await turn()
    }
    expect(hand.given.slice(0, 4).map(({ atoms }) => atoms)).toEqual([
      [4, 4],
      [4, 4],
      [4, 1, 2, 1],
      [2, 4],
    ])
    expect((await Promise.all(answers)).map(({ length }) => length)).toEqual([20, 2, 2])
  })

  it('keeps calls apart that ask for something else', async () => {
    open({ waitMs: 50 }, 4)
    const crystals = [structure(chain(2))]
    const answers = [
      ask(1),
      queue.evaluate(crystals, ['embedding']),
      ask(3, { look: true }),
      queue.evaluate(crystals, ['embedding']),
      ask(4, { maxAtoms: 7 }),
    ]
    await vi.waitFor(() => expect(hand.given).toHaveLength(4))
    expect(
      hand.given.map(({ atoms, outputs, options: { look, maxAtoms } }) => [
        atoms,
        ...outputs,
        look,
        maxAtoms,
      ]),
    ).toEqual([
      [[1], 'prediction', undefined, undefined],
      [[2, 2], 'embedding', undefined, undefined],
      [[3], 'prediction', true, undefined],
      [[4], 'prediction', undefined, 7],
    ])
    for (const { answer } of hand.given) answer()
    await Promise.all(answers)
  })

  it('refuses at once what is more than may wait, and takes more when there is room again', async () => {
    open({ waitMs: 0, maxAtoms: 1, maxWaiting: 3 })
    const answers = [ask([1, 1]), ask([1, 1, 1])]
    await expect(ask(1)).rejects.toMatchObject({
      code: 'OVERLOADED',
      message: /3 crystals wait already, of 3/,
    })
    hand.given[0].answer()
    await turn()
    answers.push(ask(1))
    await expect(ask(1)).rejects.toMatchObject({ code: 'OVERLOADED' })
    for (let n = 1; n < 6; n++) {
      hand.given[n].answer()
      await turn()
    }
    await Promise.all(answers)
    expect(hand.given).toHaveLength(6)
  })

  it('lets go of a call whose signal ends it, wherever it is', async () => {
    open({ waitMs: 0, maxAtoms: 2 })
    const [waiting, half, running] = [1, 2, 3].map(() => new AbortController())
    const all = [ask(2, running), ask([2, 2], half), ask(2, waiting), ask(2)]
    const outcomes = Promise.allSettled(all)
    await turn()
    expect(hand.given).toHaveLength(2)
    waiting.abort(new Error('waiting'))
    half.abort(new Error('half'))
    running.abort(new Error('running'))
    await expect(ask(1, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before')
    const reason = (message: string) => ({ status: 'rejected', reason: { message } })
    // Runs that nobody waits for any more are told to stop.
    expect(hand.given.map(({ options }) => options.signal?.aborted)).toEqual([true, true])
    for (const { fail } of hand.given) fail(new Error('stopped'))
    await turn()
    expect(hand.given[2].atoms).toEqual([2])
    hand.given[2].answer()
    expect(await outcomes).toMatchObject([
      reason('running'),
      reason('half'),
      reason('waiting'),
      { status: 'fulfilled' },
    ])
    expect(hand.given).toHaveLength(3)
  })

  it('fails the calls of a run that fails, and no others', async () => {
    open({ waitMs: 0, maxAtoms: 2 })
    const outcomes = Promise.allSettled([ask([1, 2]), ask(1), ask(2)])
    await turn()
    hand.given[0].fail(new Error('no device'))
    await turn()
    for (const { answer } of hand.given.slice(1)) answer()
    await turn()
    for (const { answer } of hand.given.slice(1)) answer()
    const statuses = (await outcomes).map(({ status }) => status)
    expect(statuses).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  })

  it('gives out what waits before it is disposed of, and refuses what comes later', async () => {
    open({ waitMs: 1e6 })
    const answers = [ask(1), ask(2)]
    const disposed = queue.dispose()
    await expect(ask(3)).rejects.toThrow('was disposed')
    expect(hand.given.map(({ atoms }) => atoms)).toEqual([[1, 2]])
    expect(hand.isDisposed()).toBe(false)
    hand.given[0].answer()
    await Promise.all(answers)
    await disposed
    expect(hand.isDisposed()).toBe(true)
    // No timer is left that would keep the process alive for 1000 s: vitest would name it.
  })
})

describe('a model with a queue', () => {
  const crystals: Structure[] = Array.from({ length: 40 }, (_, n) => chain(1 + (n % 13)))
  let model: Model
  const runs: Run[] = []
  beforeAll(async () => {
    model = await load(exported.bytes, {
      device: 'cpu',
      batching: { waitMs: 5, onRun: (run) => runs.push(run) },
    })
    return () => model.dispose()
  })
  afterEach(() => {
    runs.length = 0
  })

  it('predicts what it predicts without one, in fewer runs than calls', async () => {
    const alone = await load(exported.bytes, { device: 'cpu', worker: false })
    const values = await Promise.all(crystals.map((crystal) => model.predict(crystal)))
    for (const [n, { value }] of values.entries()) {
      expect(value).toBeCloseTo((await alone.predict(crystals[n])).value, 5)
    }
    expect(runs.reduce((sum, run) => sum + run.crystals, 0)).toBe(40)
    expect(runs.length).toBeLessThan(10)
    await alone.dispose()
  })

  it('fails a crystal alone that shares a run, and gives streams in their order', async () => {
    const bad = structure({ ...chain(2), species: [110, 110] })
    const mixed = [crystals[3], bad, crystals[5]]
    const [many, one, failed] = await Promise.all([
      all(model.predictMany(mixed)),
      model.predict(crystals[3]),
      model.predict(bad).catch((error) => error),
    ])
    expect(many.map(({ index, error }) => [index, error?.code])).toEqual([
      [0, undefined],
      [1, 'ELEMENT'],
      [2, undefined],
    ])
    expect(many[0].value).toBeCloseTo(one.value, 5)
    expect(failed).toMatchObject({ code: 'ELEMENT' })
  })

  it('ends calls by their signals, and gives embeddings beside predictions', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(model.predict(crystals[0], { signal })).rejects.toThrow('enough')
    await expect(model.predict(crystals[0], { embedding: true })).rejects.toMatchObject({ code: 'CONFIG' })
  })

  it.each([
    [{ waitMs: -1 }, /batching.waitMs -1: expected a number from 0/],
    [{ maxAtoms: 0 }, /batching.maxAtoms 0/],
    [{ maxWaiting: Number.NaN }, /batching.maxWaiting NaN/],
    [{ wait: 3 }, /batching has no option "wait"/],
  ])('refuses %o', async (batching, message) => {
    await expect(load(exported.bytes, { batching: batching as Batching })).rejects.toThrow(message)
  })
})
