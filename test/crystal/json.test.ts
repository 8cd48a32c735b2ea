// JSON of every kind: documents, arrays, lines, records; places of mistakes; bounds; keys that are JavaScript's own.

import { describe, expect, test } from 'vitest'
import { formula } from '../../src/crystal/formula.ts'
import { type FailedEntry, readEntries, readStructures } from '../../src/crystal/read.ts'
import { ParseError } from '../../src/errors.ts'

const MATRIX = [
  [4, 0, 0],
  [0, 4, 0],
  [0, 0, 4],
]
const PYMATGEN = {
  '@class': 'Structure',
  lattice: { matrix: MATRIX },
  sites: [
    { species: [{ element: 'Cs', occu: 1 }], abc: [0, 0, 0] },
    { species: [{ element: 'Cl-', occu: 1 }], abc: [0.5, 0.5, 0.5] },
  ],
}
const JARVIS = { lattice_mat: MATRIX, coords: [[0, 0, 0], [0.5, 0.5, 0.5]], elements: ['Cs', 'Cl'], cartesian: false } // biome-ignore format: one line
const OPTIMADE = {
  id: 'x/1',
  type: 'structures',
  attributes: {
    lattice_vectors: MATRIX,
    cartesian_site_positions: [[0, 0, 0], [2, 2, 2]], // biome-ignore format: one line
    species_at_sites: ['a', 'b'],
    species: [
      { name: 'a', chemical_symbols: ['Cs'], concentration: [1] },
      { name: 'b', chemical_symbols: ['Cl'], concentration: [1] },
    ],
  },
}
const PLAIN = { lattice: MATRIX, frac: [[0, 0, 0], [0.5, 0.5, 0.5]], numbers: [55, 17] } // biome-ignore format: one line

const read = (value: unknown) => readStructures(JSON.stringify(value), { file: 'a.json' })

describe('documents', () => {
  test.each([
    ['pymatgen', PYMATGEN],
    ['jarvis', JARVIS],
    ['jarvis', { jid: 'JVASP-1', atoms: JARVIS }],
    ['jarvis', { ...JARVIS, coords: [[0, 0, 0], [2, 2, 2]], cartesian: true }], // biome-ignore format: one line
    ['optimade', OPTIMADE],
    ['optimade', { data: OPTIMADE }],
    ['json', PLAIN],
    ['json', { lattice: MATRIX, frac: PLAIN.frac, species: ['Cs', { Cl: 1 }] }],
    ['pymatgen', { material_id: 'mp-1', structure: PYMATGEN }],
    ['pymatgen', { ...PYMATGEN, lattice: { a: 4, b: 4, c: 4, alpha: 90, beta: 90, gamma: 90 } }],
  ])('%s %#', (format, document) => {
    const [parsed, ...more] = read(document)
    expect(more).toEqual([])
    expect(parsed.format).toBe(format)
    expect(formula(parsed.structure)).toBe('Cs1 Cl1')
    expect(parsed.structure.frac[1]).toEqual([0.5, 0.5, 0.5])
  })

  test('many in one text', () => {
    expect(read([PYMATGEN, JARVIS, OPTIMADE, PLAIN]).map((p) => p.format)).toEqual([
      'pymatgen',
      'jarvis',
      'optimade',
      'json',
    ])
    expect(read({ data: [OPTIMADE, OPTIMADE] })).toHaveLength(2)
    const lines = [PLAIN, JARVIS, PLAIN].map((d) => JSON.stringify(d)).join('\n')
    expect(readStructures(`${lines}\n\n`).map((p) => p.index)).toEqual([0, 1, 2])
    expect(readStructures(JSON.stringify(PLAIN, undefined, 2))).toHaveLength(1)
    expect(readStructures(JSON.stringify([PLAIN, PLAIN], undefined, 2))).toHaveLength(2)
  })

  test('NaN, which Python writes, is no obstacle in fields that are not read', () => {
    const text = JSON.stringify({ ...PYMATGEN, energy: 'E' }).replace('"E"', '[NaN, -Infinity]')
    expect(readStructures(text)).toHaveLength(1)
  })

  test('disorder and vacancies', () => {
    const half = [
      { element: 'Na+', occu: 0.5 },
      { element: 'K', occu: 0.25 },
    ]
    const [pymatgen] = read({ ...PYMATGEN, sites: [{ species: half, abc: [0, 0, 0] }] })
    const [plain] = read({ lattice: MATRIX, frac: [[0, 0, 0]], species: [{ Na: 0.5, K: 0.25 }] })
    const mixed = { name: 'm', chemical_symbols: ['Na', 'K', 'vacancy'], concentration: [0.5, 0.25, 0.25] }
    const attributes = {
      lattice_vectors: MATRIX,
      cartesian_site_positions: [[0, 0, 0]],
      species_at_sites: ['m'],
    }
    const [optimade] = read({ attributes: { ...attributes, species: [mixed] } })
    for (const { structure } of [pymatgen, plain, optimade]) {
      expect(structure.species).toEqual([
        [
          { element: 11, occupancy: 0.5 },
          { element: 19, occupancy: 0.25 },
        ],
      ])
    }
  })

  test('the unknown element X of OPTIMADE has a stand-in, and is marked', () => {
    const species = [
      { name: 'a', chemical_symbols: ['X'], concentration: [1] },
      OPTIMADE.attributes.species[1],
    ]
    const [parsed] = read({ ...OPTIMADE, attributes: { ...OPTIMADE.attributes, species } })
    expect(parsed.placeholders).toBe(true)
    expect(parsed.warnings.join()).toMatch(/X is for an unknown element/)
  })
})

describe('mistakes', () => {
  const only = (text: string) => {
    const [entry] = [...readEntries(text, { file: 'a.json' })]
    return (entry as FailedEntry).error
  }
  const site = { species: [{ element: 'Qq', occu: 1 }], abc: [0, 0, 0] }

  test.each([
    [
      { ...PYMATGEN, sites: [PYMATGEN.sites[0], site] },
      '"Qq"',
      /sites\[1\]\.species\[0\]\.element: "Qq" is no element/,
    ],
    [
      { ...PYMATGEN, lattice: { matrix: MATRIX.slice(1) } },
      '"matrix"',
      /lattice\.matrix: .*expected 3 rows, found 2/,
    ],
    [
      { ...PYMATGEN, sites: [{ ...site, abc: [0, 0] }] },
      '"abc"',
      /sites\[0\]\.abc: .*three numbers, found an array/,
    ],
    [{ ...JARVIS, elements: ['Cs', 17] }, '17', /elements\[1\]: 17 is no element/],
    [{ ...JARVIS, coords: [[0, 0, 0], null] }, 'null', /coords\[1\]: .*three numbers, found null/],
    [{ ...PLAIN, numbers: [55, '17'] }, '"17"', /numbers\[1\]: .*expected a number, found "17"/],
    [{ ...PLAIN, numbers: [55] }, '{', /2 coordinates for 1 species/],
    [{ ...PLAIN, numbers: [55, 200] }, '{', /atomic number 200/],
    [{ ...PLAIN, lattice: [[1, 0, 0], [2, 0, 0], [0, 0, 1]] }, '{', /singular/], // biome-ignore format: one line
    [{ hello: 'world' }, '{', /no structure of a known kind/],
    [[], '[', /empty/],
    [[1, 2], '1', /\[0\]: no structure/],
    [{ data: [] }, '{', /empty/],
  ])('%# is refused with its place', (document, needle, message) => {
    const text = JSON.stringify(document, undefined, 1)
    const error = only(text)
    expect(error).toBeInstanceOf(ParseError)
    expect(error.message).toMatch(message)
    // Where a text stands twice, the second is the one that is wrong.
    const line = text.slice(0, needle === '{' ? 0 : text.lastIndexOf(needle)).split('\n').length
    expect(error).toMatchObject({ file: 'a.json', line })
  })

  test('a bad element of an array or line does not lose the others', () => {
    const bad = { ...PLAIN, numbers: [55, 0] }
    const array = [...readEntries(JSON.stringify([PLAIN, bad, PLAIN], undefined, 1))]
    const lines = [
      ...readEntries([PLAIN, bad, PLAIN].map((d) => JSON.stringify(d)).join('\n'), { file: 'a.jsonl' }),
    ]
    for (const entries of [array, lines])
      expect(entries.map((e) => 'error' in e)).toEqual([false, true, false])
    expect((lines[1] as FailedEntry).error).toMatchObject({ line: 2 })
    const torn = `${JSON.stringify(PLAIN)}\n{"lattice": [[\n${JSON.stringify(PLAIN)}`
    const entries = [...readEntries(torn, { file: 'a.jsonl' })]
    expect(entries.map((e) => 'error' in e)).toEqual([false, true, false])
    expect((entries[1] as FailedEntry).error).toMatchObject({ line: 2 })
  })

  test('truncated text names the line it ends on', () => {
    const text = JSON.stringify(PYMATGEN, undefined, 1)
    const error = only(text.slice(0, 120)) as ParseError
    expect(error.message).toMatch(/not valid JSON/)
    expect(error.line).toBeGreaterThan(1)
  })

  test('nesting is bounded', () => {
    expect(only('['.repeat(100_000))).toMatchObject({ code: 'LIMIT' })
    expect(only(`{"a":${'['.repeat(100_000)}`)).toMatchObject({ code: 'LIMIT' })
  })

  test('keys that are JavaScript’s own have no effect', () => {
    const keys =
      '"__proto__": {"lattice": [[9,0,0],[0,9,0],[0,0,9]], "polluted": 1}, "constructor": {"prototype": 1}'
    const [parsed] = readStructures(JSON.stringify(PLAIN).replace('{', `{${keys},`))
    expect(parsed.structure.lattice[0][0]).toBe(4)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(only(`{${keys}}`)).toBeInstanceOf(ParseError)
    expect(
      only('{"lattice": [[9,0,0],[0,9,0],[0,0,9]], "frac": [[0,0,0]], "species": [{"__proto__": 1}]}'),
    ).toBeInstanceOf(ParseError)
    const named = OPTIMADE.attributes.species.map((s) => ({ ...s, name: '__proto__' }))
    const attributes = {
      ...OPTIMADE.attributes,
      species: named,
      species_at_sites: ['__proto__', 'constructor'],
    }
    expect(only(JSON.stringify({ attributes }))).toBeInstanceOf(ParseError)
  })
})
