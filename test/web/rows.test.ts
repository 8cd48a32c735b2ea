// The crystals of the page without the page: packed and unpacked, ordered and searched, grouped, compared and plotted.

import { describe, expect, it } from 'vitest'
import type { Prediction } from '../../runtimes/predict.ts'
import { structure } from '../../src/crystal/structure.ts'
import { packed, type ReadRow, unpacked } from '../../web/crystals/batch.ts'
import { type CrystalTable, crystalTable } from '../../web/crystals/table.ts'
import { ticks } from '../../web/plots/axes.ts'
import { histogram } from '../../web/plots/distribution.ts'
import { comparable, meanError, pairsOf } from '../../web/plots/parity.ts'
import { causeOf, causes } from '../../web/results/failures.ts'
import { EVERYTHING, ordered } from '../../web/results/order.ts'

const salt = (cation: number, anion: number) =>
  structure({
    lattice: [
      [0, 2.8, 2.8],
      [2.8, 0, 2.8],
      [2.8, 2.8, 0],
    ],
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ],
    species: [cation, anion],
    name: 'salt',
  })
const MIXED = structure({
  lattice: [
    [3, 0, 0],
    [0, 4, 0],
    [0.1, 0, 5],
  ],
  frac: [[0.1, -0.2, 1.3]],
  species: [
    [
      { element: 11, occupancy: 0.6 },
      { element: 19, occupancy: 0.3 },
    ],
  ],
})
const row = (file: string, structure?: ReturnType<typeof salt>, more: Partial<ReadRow> = {}): ReadRow => ({
  ...{ file, index: 0, warnings: [], structure },
  ...more,
})
const broken = (file: string, line: number): ReadRow =>
  row(file, undefined, {
    failure: { code: 'PARSE', message: `${file}, line ${line}: "x${line}" is no number` },
  })

function filled(): CrystalTable {
  const table = crystalTable()
  table.append(
    packed([
      row('b.cif', salt(11, 17), { labels: { e_form: -2, energy: -8 } }),
      row('a.cif', salt(37, 35), { labels: { e_form: -1 } }),
      broken('c.cif', 3),
      broken('d.cif', 14),
      row('mixed.cif', MIXED),
    ]),
  )
  const done = (value: number) => ({ status: 'done' as const, prediction: { value } as Prediction })
  table.settle(0, done(-2.5))
  table.settle(1, done(-0.5))
  return table
}

it('unpacks what was packed', () => {
  const batch = packed([row('a', salt(11, 17)), row('b'), row('c', MIXED)])
  expect(unpacked(batch, 0)).toEqual(salt(11, 17))
  expect(unpacked(batch, 2)).toEqual(MIXED)
})

it('counts what became of rows, and lets them wait again for another model', () => {
  const table = filled()
  expect(table.counts).toEqual({ waiting: 1, done: 2, failed: 2 })
  expect(table.nextWaiting(0)).toBe(4)
  expect(table.entry(0)).toBe(table.entry(0))
  table.reset()
  expect(table.counts).toEqual({ waiting: 3, done: 0, failed: 2 })
})

describe('order', () => {
  const files = (change: Partial<typeof EVERYTHING>) => {
    const table = filled()
    return ordered(table, { ...EVERYTHING, ...change }, causeOf).map((n) => table.row(n).file)
  }
  it('sorts, with rows without a value last both ways', () => {
    expect(files({ sort: 'value' }).slice(0, 2)).toEqual(['b.cif', 'a.cif'])
    expect(files({ sort: 'value', descending: true }).slice(0, 2)).toEqual(['a.cif', 'b.cif'])
    expect(files({ sort: 'file' })[0]).toBe('a.cif')
  })
  it.each([
    ['NaCl', ['b.cif']],
    ['ClNa', ['b.cif']],
    ['nacl', ['b.cif']],
    ['Br, Rb', ['a.cif']],
    ['K Na', ['mixed.cif']],
    ['C.CIF', ['c.cif']],
    ['NaBr', []],
  ])('finds %s', (search, found) => expect(files({ search })).toEqual(found))
  it('filters by verdict, range and cause', () => {
    expect(files({ verdict: 'failed' })).toEqual(['c.cif', 'd.cif'])
    expect(files({ range: [-3, -1] })).toEqual(['b.cif'])
    const [{ key }] = causes(filled())
    expect(files({ cause: key })).toEqual(['c.cif', 'd.cif'])
  })
})

it('puts failures that differ in file, line and value together', () => {
  expect(causes(filled())).toMatchObject([{ code: 'PARSE', message: '"x3" is no number', count: 2 }])
})

describe('comparison with labels', () => {
  it('takes the label that means the target first, and divides energies of cells', () => {
    const names = ['energy', 'temperature', 'formation_energy_per_atom']
    const titles = comparable(names, 'e_form', 'eV/atom').map(({ title }) => title)
    expect(titles).toEqual(['formation_energy_per_atom', 'energy / atoms', 'temperature'])
    const table = filled()
    const [own, energy] = comparable(table.labelNames, 'e_form', 'eV/atom')
    expect(meanError(pairsOf(table, own))).toBe(0.5)
    expect(pairsOf(table, energy)).toEqual({ rows: [0], labels: [-4], values: [-2.5] })
  })
})

it('counts every value into a bar, the largest too', () => {
  const { counts, range } = histogram([0, 0, 1, 2, 10])!
  expect(range).toEqual([0, 10])
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5)
  expect(counts.at(-1)).toBe(1)
  expect(histogram([])).toBeUndefined()
  expect(histogram([3, 3])!.counts.reduce((sum, count) => sum + count, 0)).toBe(2)
})

it('has round ticks', () => {
  expect(ticks(-3.3, 1.2, 5)).toEqual([-3, -2, -1, 0, 1])
  expect(ticks(0, 0.004, 4)).toEqual([0, 0.001, 0.002, 0.003, 0.004])
  expect(ticks(2, 2)).toEqual([2])
})
