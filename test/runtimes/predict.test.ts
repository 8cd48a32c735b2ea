// From structures to predictions: order, errors one by one, limits, progress, cancellation.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Card } from '../../runtimes/card.ts'
import { graphEvaluator } from '../../runtimes/graph-evaluator.ts'
import type { Model } from '../../runtimes/model.ts'
import { load } from '../../runtimes/node/load.ts'
import { type Outcome, predictMany, predictOne } from '../../runtimes/predict.ts'
import { runtimeOf } from '../../runtimes/runtime.ts'
import type { Session } from '../../runtimes/session.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { ElementError, LimitError, StructureError } from '../../src/errors.ts'
import { chain, exported } from './models.ts'

let model: Model
beforeAll(async () => {
  model = await load(exported.bytes, { device: 'cpu', threads: 1 })
})
afterAll(() => model.dispose())

async function all(outcomes: AsyncIterable<Outcome>): Promise<Outcome[]> {
  const list: Outcome[] = []
  for await (const outcome of outcomes) list.push(outcome)
  return list
}

const cube = (a: number, species: number[], frac = species.map(() => [0, 0, 0])) =>
  structure({
    lattice: [
      [a, 0, 0],
      [0, a, 0],
      [0, 0, a],
    ],
    frac,
    species,
  })

describe('predict', () => {
  it('gives value, unit, property and device', async () => {
    const prediction = await model.predict(chain(4))
    expect(prediction).toMatchObject({ unit: 'eV/atom', property: 'formation_energy', device: 'cpu' })
    expect(prediction.values).toEqual([prediction.value])
    expect(Number.isFinite(prediction.value)).toBe(true)
    expect(prediction.ms).toBeGreaterThan(0)
  })

  it('answers calls that overlap', async () => {
    const crystals = Array.from({ length: 40 }, (_, n) => chain(1 + (n % 9), 10 + n))
    const one = []
    for (const crystal of crystals) one.push((await model.predict(crystal)).value)
    const overlapping = await Promise.all(crystals.map((crystal) => model.predict(crystal)))
    expect(overlapping.map(({ value }) => value)).toEqual(one)
    expect(new Set(one).size).toBe(40)
  })

  it('takes plain objects, and refuses what is no structure', async () => {
    const { lattice, frac, species } = chain(2)
    const plain = JSON.parse(JSON.stringify({ lattice, frac, species })) as Structure
    expect((await model.predict(plain)).value).toBe((await model.predict(chain(2))).value)
    const named = { ...plain, name: () => 'what no thread can be sent' } as never
    expect((await model.predict(named)).value).toBe((await model.predict(chain(2))).value)
    for (const wrong of [null, {}, 'NaCl', { lattice: 5 }]) {
      await expect(model.predict(wrong as unknown as Structure)).rejects.toThrow(StructureError)
    }
    await expect(
      model.predict({ ...plain, frac: [[Number.NaN, 0, 0]], species: [14] } as never),
    ).rejects.toThrow(StructureError)
  })

  it('names an element that the model does not know', async () => {
    await expect(model.predict(cube(4, [104]))).rejects.toThrow(ElementError)
    await expect(model.predict(cube(4, [104]))).rejects.toThrow(/104.*98/)
  })

  it('takes a cell of a thousand atoms, and refuses an absurd one', async () => {
    expect(Number.isFinite((await model.predict(chain(1000))).value)).toBe(true)
    await expect(model.predict(cube(0.1, [1]))).rejects.toThrow(LimitError)
    await expect(model.predict(cube(3, Array(3000).fill(1)))).rejects.toThrow(LimitError)
  })
})

describe('predictMany', () => {
  const crystals = Array.from({ length: 150 }, (_, n) => chain(1 + ((n * 31) % 40), 1 + (n % 90)))

  it('gives in input order what predict gives', async () => {
    const outcomes = await all(model.predictMany(crystals))
    expect(outcomes.map(({ index }) => index)).toEqual(crystals.map((_, n) => n))
    for (const n of [0, 1, 17, 80, 149]) {
      const { value } = await model.predict(crystals[n])
      expect(outcomes[n].value).toBeCloseTo(value, 5)
    }
  })

  it('takes iterables of every kind, also none', async () => {
    async function* later() {
      for (const crystal of crystals.slice(0, 5)) {
        await new Promise((resolve) => setImmediate(resolve))
        yield crystal
      }
    }
    expect(await all(model.predictMany(later()))).toHaveLength(5)
    expect(await all(model.predictMany(new Set(crystals.slice(0, 3))))).toHaveLength(3)
    expect(await all(model.predictMany([]))).toEqual([])
  })

  it('yields the error of a structure in its place and goes on', async () => {
    const mixed = [chain(3), cube(4, [110]), chain(5), cube(0.1, [1]), {} as Structure, chain(7)]
    const outcomes = await all(model.predictMany(mixed))
    expect(outcomes.map(({ error }) => error?.code)).toEqual([
      undefined,
      'ELEMENT',
      undefined,
      'LIMIT',
      'STRUCTURE',
      undefined,
    ])
    expect(outcomes.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('reports progress', async () => {
    const seen: { done: number; failed: number; total?: number }[] = []
    await all(model.predictMany([chain(2), cube(4, [110]), chain(3)], { onProgress: (p) => seen.push(p) }))
    expect(seen).toEqual([
      { done: 1, failed: 0, total: 3 },
      { done: 2, failed: 1, total: 3 },
      { done: 3, failed: 1, total: 3 },
    ])
    seen.length = 0
    await all(model.predictMany(new Set([chain(2)]), { onProgress: (p) => seen.push(p) }))
    expect(seen).toEqual([{ done: 1, failed: 0 }])
  })

  it('works ahead of a slow reader only so far', async () => {
    let taken = 0
    function* endless() {
      for (;;) {
        taken++
        yield chain(1 + (taken % 5))
      }
    }
    let read = 0
    for await (const _ of model.predictMany(endless())) if (++read === 10) break
    expect(read).toBe(10)
    expect(taken).toBeLessThan(3000)
    expect(Number.isFinite((await model.predict(chain(2))).value)).toBe(true)
  })

  it('stops when it is told to', async () => {
    const stop = new AbortController()
    const seen: number[] = []
    const work = (async () => {
      for await (const { index } of model.predictMany(crystals, { signal: stop.signal, maxAtoms: 20 })) {
        seen.push(index)
        if (index === 3) stop.abort(new Error('enough'))
      }
    })()
    await expect(work).rejects.toThrow('enough')
    expect(seen).toEqual([0, 1, 2, 3])
  })

  it('refuses a number of atoms that is none', async () => {
    await expect(all(model.predictMany(crystals, { maxAtoms: 0 }))).rejects.toThrow(/maxAtoms 0/)
    await expect(load(exported.bytes, { threads: 0 })).rejects.toThrow(/threads 0/)
  })

  it('lets an error of the source through', async () => {
    function* broken() {
      yield chain(1)
      throw new RangeError('disk')
    }
    await expect(all(model.predictMany(broken()))).rejects.toThrow(RangeError)
  })

  it('ends with the device', async () => {
    const other = await load(exported.bytes, { device: 'cpu', threads: 1, worker: false })
    await other.dispose()
    await expect(all(other.predictMany(crystals))).rejects.toThrow(/was disposed/)
  })
})

/** The graph below gives the number of atoms: all of them, whether symmetry makes them equal or not. */
const { symmetry: _, ...geometry } = exported.card.geometry
const card: Card = { ...exported.card, geometry }

describe('with a graph of its own', () => {
  /** Answers with the number of atoms of each crystal, and NaN for crystals of 13. */
  function counting() {
    const runs: number[] = []
    const session: Session = {
      async run({ pool: { data, dims } }) {
        const [crystals, atoms] = dims
        runs.push(atoms)
        await new Promise((resolve) => setTimeout(resolve, 1))
        const counts = Float32Array.from({ length: crystals }, (_, c) => {
          const count = (data as Float32Array)
            .subarray(c * atoms, (c + 1) * atoms)
            .filter((share) => share > 0).length
          return count === 13 ? Number.NaN : count
        })
        return { prediction: { data: counts, dims: [crystals, 1] } }
      },
      release: async () => {},
    }
    const model = { bytes: exported.bytes, card, inputs: ['pool'], outputs: ['prediction'] }
    const openWide = vi.fn(async () => session)
    return {
      evaluator: graphEvaluator(model, 'cpu', session, { openPart: async () => session, openWide }),
      runs,
      openWide,
    }
  }
  const sizes = Array.from({ length: 400 }, (_, n) => 1 + ((n * 29) % 40))
  const crystals = sizes.map((size) => chain(size))
  const expected = sizes.map((size) => (size === 13 ? undefined : size))

  it('fills runs up to the limit', async () => {
    const { evaluator, runs } = counting()
    const runtime = runtimeOf(evaluator, { device: 'cpu', parallel: 1 })
    const outcomes = await all(predictMany(card, runtime, crystals, { maxAtoms: 50 }))
    expect(outcomes.map(({ value }) => value)).toEqual(expected)
    expect(Math.max(...runs)).toBeLessThanOrEqual(50)
    const total = sizes.reduce((sum, size) => sum + size, 0)
    expect(runs.length).toBeLessThan((1.5 * total) / 50)
  })

  it.each([1, 2, 3])('keeps %i evaluators supplied, and no more', async (parallel) => {
    const { evaluator } = counting()
    let waiting = 0
    let most = 0
    const asked: number[] = []
    const runtime = runtimeOf(
      {
        ...evaluator,
        async evaluate(crystals, outputs, options) {
          asked.push(crystals.length)
          most = Math.max(most, ++waiting)
          return evaluator.evaluate(crystals, outputs, options).finally(() => waiting--)
        },
      },
      { device: 'cpu', parallel },
    )
    const outcomes = await all(predictMany(card, runtime, crystals, { maxAtoms: 50 }))
    expect(outcomes.map(({ value }) => value)).toEqual(expected)
    expect(most).toBe(2 * parallel)
    // The last ones are small, so that evaluators side by side end together.
    if (parallel > 1) expect(asked.at(-1)).toBeLessThan(asked[0] / 2)
  })

  it('makes a result that is no number the error of that crystal', async () => {
    const runtime = runtimeOf(counting().evaluator, { device: 'cpu', parallel: 1 })
    const outcomes = await all(predictMany(card, runtime, [chain(2), chain(13), chain(3)]))
    expect(outcomes.map(({ value, error }) => value ?? error?.code)).toEqual([2, 'DEVICE', 3])
    await expect(predictOne(card, runtime, chain(13))).rejects.toThrow(/gives NaN .* expected finite/)
  })

  it('opens the graph for all cores once, when a large cell comes and they are free', async () => {
    const { evaluator, openWide } = counting()
    const large = chain(300)
    const small = Array.from({ length: 200 }, (_, n) => chain(1 + (n % 5)))
    await evaluator.evaluate(small, ['prediction'])
    await evaluator.evaluate([large], ['prediction'], { crowded: true })
    expect(openWide).not.toHaveBeenCalled()
    for (let n = 0; n < 2; n++) {
      expect(await evaluator.evaluate([large], ['prediction'])).toMatchObject([
        { rows: { prediction: new Float32Array([300]) } },
      ])
    }
    expect(openWide).toHaveBeenCalledTimes(1)
  })

  it('ends between two runs when it is told to', async () => {
    const { evaluator, runs } = counting()
    const stop = new AbortController()
    const options = { maxAtoms: 50, signal: stop.signal }
    const evaluation = evaluator.evaluate(crystals, ['prediction'], options)
    const after = evaluator.evaluate([chain(4)], ['prediction'])
    while (runs.length < 3) await new Promise((resolve) => setImmediate(resolve))
    stop.abort(new Error('enough'))
    await expect(evaluation).rejects.toThrow('enough')
    expect(await after).toMatchObject([{ rows: { prediction: new Float32Array([4]) } }])
    expect(runs.length).toBeLessThan(6)
  })
})
