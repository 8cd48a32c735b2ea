// What commands say of trust: figures of `evaluate` against those of single predictions, chemistry that `train` leaves out,
// and the domain that `export --domain` fits.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { cli, temporaryFolder } from './run.ts'

const folder = temporaryFolder()
const data = join(folder, 'ionic.jsonl')
const run = join(folder, 'run')
const model = join(folder, 'model.onnx')
const refitted = join(folder, 'refitted.onnx')
const NAME = 'lattice_energy'
const SMALL = {
  num_layers: 1,
  model_dim: 16,
  head_num: 2,
  ff_dim: 16,
  embedding_dim: [16],
  value_pe_dist_real: 8,
}

interface Labelled {
  readonly numbers: readonly number[]
  readonly split: string
  readonly targets: Readonly<Record<string, number>>
}
let crystals: Labelled[]

beforeAll(async () => {
  expect((await cli('data', 'generate', '-o', data, '--count', '400')).code).toBe(0)
  crystals = readFileSync(data, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  writeFileSync(join(folder, 'small.json'), JSON.stringify(SMALL))
  const trained = await cli(
    ...['train', data, '--target', NAME, '--unit', 'eV/atom', '-o', run, '--threads', '2', '--epochs', '3'],
    ...['--swa-epochs', '1', '--leave-out-chemistry', '0.1', '--config', join(folder, 'small.json')],
  )
  expect([trained.code, trained.stdout], trained.stderr).toEqual([0, expect.any(String)])
  const exported = await Promise.all([
    cli('export', run, '-o', model),
    cli(
      ...['export', join(run, 'weights.safetensors'), '-o', refitted, '--unit', 'eV/atom', '--domain', data],
    ),
  ])
  expect(
    exported.map(({ code }) => code),
    exported[1].stderr,
  ).toEqual([0, 0])
}, 240_000)

const domainOf = async (file: string) => (await cli('inspect', file, '--json')).lines[0].card.domain

/** Crystals of the train split with each pair of elements, by themselves counted from the file. */
function pairs(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { numbers, split } of crystals) {
    if (split !== 'train') continue
    const elements = [...new Set(numbers)].sort((a, b) => a - b)
    for (const a of elements) {
      for (const b of elements) {
        if (a < b) counts.set(`${a} ${b}`, (counts.get(`${a} ${b}`) ?? 0) + 1)
      }
    }
  }
  return counts
}

describe('train --leave-out-chemistry', () => {
  it('learns nothing of some pairs of elements, and calibrates on their crystals', async () => {
    const { crystals: counted, pairs: seen } = await domainOf(model)
    const of = (split: string) => crystals.filter((one) => one.split === split).length
    expect(counted.fitted + counted.by_chemistry).toBe(of('train'))
    expect(counted.held_out).toBe(of('val') + counted.by_chemistry)
    expect(counted.by_chemistry / of('train')).toBeGreaterThan(0.05)
    expect(counted.by_chemistry / of('train')).toBeLessThan(0.2)
    const learned = new Set(seen.map(([a, b]: number[]) => `${a} ${b}`))
    const missing = [...pairs()].filter(([pair]) => !learned.has(pair))
    expect(missing.length).toBeGreaterThan(0)
    // Each crystal has few pairs, and those of the missing ones are all left out.
    expect(Math.max(...missing.map(([, count]) => count))).toBeLessThanOrEqual(counted.by_chemistry)
  })
})

describe('export --domain', () => {
  it('fits a domain to the splits of the data, for weights that come without one', async () => {
    const { crystals: counted, elements, pairs: seen } = await domainOf(refitted)
    expect(counted).toEqual({
      fitted: crystals.filter(({ split }) => split === 'train').length,
      held_out: crystals.filter(({ split }) => split === 'val').length,
      by_chemistry: 0,
    })
    expect(
      Object.fromEntries(
        seen.filter(([a, b]: number[]) => a !== b).map(([a, b, n]: number[]) => [`${a} ${b}`, n]),
      ),
    ).toEqual(Object.fromEntries(pairs()))
    for (const [z, count] of elements) {
      const holding = crystals.filter(({ numbers, split }) => split === 'train' && numbers.includes(z))
      expect([z, count]).toEqual([z, holding.length])
    }
  })
})

describe('evaluate', () => {
  it.each([
    ['the run', () => model],
    ['weights with --domain', () => refitted],
  ])('says what verdicts and intervals are worth, as single predictions do: %s', async (_, file) => {
    const [
      {
        lines: [evaluated],
      },
      predicted,
    ] = await Promise.all([
      cli('evaluate', file(), data, '--split', 'test', '--json'),
      cli('predict', data, '-m', file(), '--json'),
    ])
    const test = crystals.flatMap(({ split, targets }, n) => {
      const { value, domain, interval } = predicted.lines[n]
      const [actual, [low], [high]] = [targets[NAME], interval.low, interval.high]
      const error = Math.abs(value[0] - actual)
      return split === 'test'
        ? [{ error, inside: domain.inside, held: low <= actual && actual <= high, half: (high - low) / 2 }]
        : []
    })
    const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length
    const outside = test.filter(({ inside }) => !inside)
    const near = (x: number | undefined) => (x === undefined ? null : expect.closeTo(x, 5))
    const meanError = (of: typeof test) => (of.length === 0 ? null : near(mean(of.map(({ error }) => error))))
    expect(evaluated).toMatchObject({
      ...{ n: test.length, mae: meanError(test) },
      domain: {
        outside: near(outside.length / test.length),
        mae_inside: meanError(test.filter(({ inside }) => inside)),
        mae_outside: meanError(outside),
      },
      interval: {
        level: 0.9,
        coverage: near(mean(test.map(({ held }) => (held ? 1 : 0)))),
        half_width: near(mean(test.map(({ half }) => half))),
      },
    })
    expect(test.length).toBeGreaterThan(20)
  })
})
