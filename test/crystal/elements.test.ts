import { expect, test } from 'vitest'
import {
  atomicNumber,
  elementOfLabel,
  elementOfSymbol,
  SYMBOLS,
  stripOxidation,
  symbolOf,
} from '../../src/crystal/elements.ts'
import { composition, formula, reducedFormula } from '../../src/crystal/formula.ts'
import { type Site, structure } from '../../src/crystal/structure.ts'

test('118 elements, each found by its symbol in any case', () => {
  expect(SYMBOLS).toHaveLength(119)
  expect(new Set(SYMBOLS).size).toBe(119)
  for (const [z, symbol] of [
    [1, 'H'],
    [26, 'Fe'],
    [57, 'La'],
    [71, 'Lu'],
    [92, 'U'],
    [118, 'Og'],
  ] as const) {
    expect(symbolOf(z)).toBe(symbol)
    for (const text of [symbol, symbol.toUpperCase(), symbol.toLowerCase()])
      expect(atomicNumber(text)).toBe(z)
  }
})

test('deuterium and tritium are hydrogen; other words are no element', () => {
  expect(atomicNumber('D')).toBe(1)
  expect(atomicNumber('T')).toBe(1)
  for (const word of ['', 'X', 'Xx', 'constructor', '__proto__', 'toString', '1']) {
    expect(atomicNumber(word)).toBeUndefined()
  }
})

test.each([
  ['Ti4+', 'Ti'],
  ['O2-', 'O'],
  ['O-2', 'O'],
  ['Fe+3', 'Fe'],
  ['Na+', 'Na'],
  ['Al0+', 'Al'],
  ['Cu1.5+', 'Cu'],
  ['Fe(III)', 'Fe'],
  ['Fe2+,spin=5', 'Fe'],
  ['Ti_sv', 'Ti'],
  ['O/9f8e7d6c', 'O'],
  ['2H', 'H'],
  [' D1+ ', 'D'],
])('%s without its decoration is %s', (text, symbol) => {
  expect(stripOxidation(text)).toBe(symbol)
  expect(elementOfSymbol(text)).toBe(atomicNumber(symbol))
})

test.each([
  'Al/Si',
  'Fe,Co,Ni',
  '(Fe,Mg)',
  'Si4+/Al3+',
  'Fe Co',
  'Fe+Co',
  'Fe;Co',
  'Na_K',
  'Fe(Mg)',
  'Fe0.5',
])('%s is no symbol of one element', (text) => expect(elementOfSymbol(text)).toBeUndefined())

test.each([
  ['Ti1', undefined, 'Ti'],
  ['O2A', undefined, 'O'],
  ['SiT', undefined, 'Si'],
  ['LiM2', undefined, 'Li'],
  ['O-H4', undefined, 'O'],
  ['OW1', undefined, 'O'],
  ['Wat', undefined, 'O'],
  ['H2O', undefined, 'O'],
  ['CO1', undefined, 'C'],
  ['Co1', undefined, 'Co'],
  ['CA1', undefined, 'C'],
  ['CA1', ['Ca', 'O'], 'Ca'],
  ['Ho1', ['H', 'O', 'Mg'], 'H'],
  ['AL1', ['Al', 'O'], 'Al'],
  ['Cd1', ['C', 'H'], 'C'],
  ['T1', ['T', 'Zr'], 'T'],
  ['D1', ['H', 'O'], 'H'],
  ['Og1', undefined, 'O'],
  ['Nh2', undefined, 'N'],
  ['Fl1', ['F', 'Na'], 'F'],
] as const)('label %s in a compound of %j is %s', (label, present, symbol) => {
  const set = present && new Set(present.map((s) => s.toLowerCase()))
  expect(elementOfLabel(label, set)).toBe(atomicNumber(symbol))
})

test.each(['', '1', '???', 'M1', 'X', 'T1', 'Ts1', 'Al/Si1', '(Fe,Mg)2', 'Na|K'])(
  'label %j stands for no element',
  (label) => expect(elementOfLabel(label)).toBeUndefined(),
)

const cell = (species: (number | Site)[]) =>
  structure({
    lattice: [
      [9, 0, 0],
      [0, 9, 0],
      [0, 0, 9],
    ],
    frac: species.map((_, i) => [i / 20, 0, 0]),
    species,
  })

test('formulas', () => {
  const rutile = cell([8, 22, 8, 8, 22, 8])
  expect(formula(rutile)).toBe('Ti2 O4')
  expect(reducedFormula(rutile)).toBe('TiO2')
  expect(reducedFormula(cell([8, 38, 22, 8, 8]))).toBe('SrTiO3')
  expect(reducedFormula(cell([1, 8, 1]))).toBe('H2O')
  expect([...composition(rutile)]).toEqual([
    [22, 2],
    [8, 4],
  ])
})

test('formulas with fractional occupancies', () => {
  const vacancies = cell([
    ...Array.from({ length: 4 }, () => [{ element: 11, occupancy: 0.9 }]),
    17,
    17,
    17,
    17,
  ])
  expect(formula(vacancies)).toBe('Na3.6 Cl4')
  expect(reducedFormula(vacancies)).toBe('Na3.6Cl4')
  const third = cell(Array.from({ length: 3 }, () => [{ element: 29, occupancy: 1 / 3 }]))
  expect(formula(third)).toBe('Cu1')
})
