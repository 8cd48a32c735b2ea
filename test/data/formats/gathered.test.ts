// JSON documents that gather crystals with something else beside them: what is a record, and what are its targets.

import { rmSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { loadDataset } from '../../../src/data/dataset.ts'
import { workshop } from './forms.ts'

const { folder, file } = workshop()
afterAll(() => rmSync(folder, { recursive: true }))

const lattice = [[4, 0, 0], [0, 4, 0], [0, 0, 4]] // biome-ignore format: one line
const pymatgen = {
  '@module': 'pymatgen.core.structure',
  '@class': 'Structure',
  lattice: { matrix: lattice },
  sites: [{ species: [{ element: 'Na', occu: 1 }], abc: [0, 0, 0] }],
}
const optimade = {
  id: 'x',
  type: 'structures',
  attributes: {
    lattice_vectors: lattice,
    cartesian_site_positions: [[0, 0, 0]],
    species_at_sites: ['Na'],
    nsites: 1,
    nelements: 1,
    _odbx_gap: 1.5,
  },
}
const header = { 'x-optimade': { meta: { api_version: '1.1.0' } } }
const info = { type: 'info', id: 'structures', properties: {} }
const lines = (...records: object[]) => records.map((record) => JSON.stringify(record)).join('\n')

async function read(name: string, text: string) {
  const texts: string[] = []
  const crystals = await loadDataset(file(name, text), { onText: ({ name }) => texts.push(name) })
  return { crystals: crystals.map(({ id, targets }) => ({ id, targets: { ...targets } })), texts }
}

test.each([
  ['a response of OPTIMADE', 'a.json', JSON.stringify({ data: [optimade], meta: { x: 1 }, links: {} }), 'x'],
  ['lines of OPTIMADE', 'b.jsonl', lines(header, info, optimade), 'x'],
  [
    'a table of pandas with its schema',
    'c.json',
    JSON.stringify({
      schema: { fields: [{ name: 'index' }], pandas_version: '1.4.0' },
      data: [{ index: 0, structure: pymatgen, _odbx_gap: 1.5 }],
    }),
    '1',
  ],
  [
    'entries',
    'd.json',
    JSON.stringify({ entries: [{ structure: pymatgen, data: { _odbx_gap: 1.5 } }] }),
    '1',
  ],
])('%s', async (_, name, text, id) => {
  expect(await read(name, text)).toEqual({ crystals: [{ id, targets: { _odbx_gap: 1.5 } }], texts: [] })
})

test('what pymatgen writes of itself is no column', async () => {
  const { crystals, texts } = await read('e.json', JSON.stringify([pymatgen]))
  expect(crystals).toEqual([{ id: '1', targets: {} }])
  expect(texts).toEqual([])
})

test.each(['f.json', 'f.jsonl'])('a table by columns in %s is refused with how to write it', async (name) => {
  const table = { structure: { 0: pymatgen, 1: pymatgen }, gap: { 0: 1, 1: 2 } }
  await expect(read(name, JSON.stringify(table))).rejects.toThrow(/column of structures.*orient="split"/)
})
