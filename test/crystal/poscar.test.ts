// POSCAR: the variants of VASP 4, 5 and 6, and what is refused.

import { expect, test } from 'vitest'
import { volume } from '../../src/crystal/cell.ts'
import { formula } from '../../src/crystal/formula.ts'
import { type FailedEntry, readEntries, readStructures } from '../../src/crystal/read.ts'
import { ParseError } from '../../src/errors.ts'

const CELL = '4 0 0\n0 5 0\n0 0 6'
const ROWS = '0 0 0\n0.5 0.5 0.5\n0.25 0.25 0.25'
const FILE = `title\n1.0\n${CELL}\nTi O\n1 2\nDirect\n${ROWS}\n`

const read = (text: string) => readStructures(text, { file: 'POSCAR' })[0]

test('VASP 5', () => {
  const { structure, format, warnings } = read(FILE)
  expect(format).toBe('poscar')
  expect(structure.name).toBe('title')
  expect(formula(structure)).toBe('Ti1 O2')
  expect(structure.lattice).toEqual([
    [4, 0, 0],
    [0, 5, 0],
    [0, 0, 6],
  ])
  expect(structure.frac[2]).toEqual([0.25, 0.25, 0.25])
  expect(warnings).toEqual([])
})

test.each([
  ['scale', FILE.replace('1.0', '2.0'), 8 * 120],
  ['negative scale is the volume', FILE.replace('1.0', '-77'), 77],
  ['three scales', FILE.replace('1.0', '1 2 3'), 6 * 120],
  ['Fortran exponents', FILE.replace('1.0', '1.0D+00'), 120],
])('%s', (_, text, expected) => expect(volume(read(text).structure.lattice)).toBeCloseTo(expected, 9))

test.each(['Cartesian', 'cart', 'K', ' c'])('%s coordinates are scaled like the lattice', (mode) => {
  const rows = '0 0 0\n2 2.5 3\n1 1.25 1.5'
  for (const scale of ['1.0', '2.0', '1 2 3', '-77']) {
    const { structure } = read(FILE.replace('1.0', scale).replace('Direct', mode).replace(ROWS, rows))
    for (const x of structure.frac[1]) expect(x).toBeCloseTo(0.5, 12)
    for (const x of structure.frac[2]) expect(x).toBeCloseTo(0.25, 12)
  }
})

test.each([
  [
    'selective dynamics',
    FILE.replace('Direct', 'Selective dynamics\nDirect').replace(ROWS, ROWS.replace(/$/gm, ' T T F')),
  ],
  ['POTCAR names and hashes', FILE.replace('Ti O', 'Ti_sv/3b5f1a2c O/9f8e7d6c')],
  ['oxidation states and labels', FILE.replace('Ti O', 'Ti4+ O2-').replace('0 0 0', '0 0 0 Ti4+')],
  ['comments', FILE.replace('1 2', '1 2 ! atoms').replace('0 0 0', '0 0 0 # Ti')],
  ['an element in two groups', FILE.replace('Ti O', 'O Ti O').replace('1 2', '1 1 1')],
  ['names and counts over several lines', FILE.replace('Ti O', 'Ti\nO').replace('1 2', '1\n2')],
  ['velocities after the coordinates', `${FILE}\n0.1 0.1 0.1\n0.1 0.1 0.1\n0.1 0.1 0.1\n`],
  ['an empty title', FILE.replace('title', '')],
  ['blanks and Windows line ends', FILE.replace('Ti O', '   Ti   O  ').replaceAll('\n', '\r\n')],
])('%s', (_, text) => expect(formula(read(text).structure)).toBe('Ti1 O2'))

test('selective dynamics flags are no elements', () => {
  const rows = '0 0 0 F F F\n0.5 0.5 0.5 F F F\n0.25 0.25 0.25 F F F'
  const text = FILE.replace('Ti O\n', '').replace('Direct', 'Selective\nDirect').replace(ROWS, rows)
  expect(read(text).placeholders).toBe(true)
})

const VASP4 = FILE.replace('Ti O\n', '')

test.each([
  ['title of symbols', VASP4.replace('title', 'Ti O')],
  ['title with the formula', VASP4.replace('title', 'TiO2 (rutile)')],
  [
    'labels behind the coordinates',
    VASP4.replace(ROWS, '0 0 0 # Ti1\n0.5 0.5 0.5 # O1\n0.25 0.25 0.25 # O2'),
  ],
])('VASP 4 finds its elements in the %s', (_, text) => {
  const parsed = read(text)
  expect(formula(parsed.structure)).toBe('Ti1 O2')
  expect(parsed.placeholders).toBeUndefined()
})

test('VASP 4 without any element has stand-ins, and says so', () => {
  for (const text of [VASP4, VASP4.replace('title', 'TiO3'), VASP4.replace('title', 'group 12')]) {
    const parsed = read(text)
    expect(formula(parsed.structure)).toBe('H1 He2')
    expect(parsed.placeholders).toBe(true)
    expect(parsed.warnings.join()).toMatch(/names no elements/)
  }
})

test.each([
  [FILE.replace('1.0', 'one'), 2, /scaling factor: .* found "one"/],
  [FILE.replace('1.0', '0'), 2, /scaling factor: .* found "0"/],
  [FILE.replace('1.0', '1 -2 3'), 2, /three positive ones, found "1 -2 3"/],
  [FILE.replace('0 5 0', '0 5'), 4, /lattice vector: expected three numbers, found "0 5"/],
  [FILE.replace('0 5 0', '0 NaN 0'), 4, /lattice vector/],
  [FILE.replace('0 5 0', '8 0 0'), 1, /lattice is singular/],
  [FILE.replace('Ti O', 'Ti O N'), 7, /3 species names for 2 numbers of atoms/],
  [FILE.replace('Ti O', 'Ti Qq'), 6, /"Qq" is no element/],
  [FILE.replace('1 2', '1 2.5'), 7, /"2.5" is no number of atoms/],
  [FILE.replace('1 2\n', ''), 7, /expected the numbers of atoms, found "Direct"/],
  [FILE.replace('Direct\n', ''), 8, /expected Direct or Cartesian, found "0 0 0"/],
  [FILE.replace('0.25 0.25 0.25\n', ''), 11, /2 atoms, expected 3/],
  [FILE.replace('0.5 0.5 0.5', '0.5 NaN 0.5'), 10, /coordinates: expected three numbers/],
  [FILE.replace('1 2', '0 0'), 1, /no sites/],
  ['title\n1.0\n4 0 0', 4, /lattice vector: expected three numbers, found the end of the file/],
  ['title', 2, /scaling factor/],
])('%j is refused', (text, line, message) => {
  const [entry] = [...readEntries(text, { file: 'POSCAR' })]
  const { error } = entry as FailedEntry
  expect(error).toBeInstanceOf(ParseError)
  expect(error.message).toMatch(message)
  expect(error).toMatchObject({ file: 'POSCAR', line })
})

test('more atoms than allowed are refused before any is read', () => {
  const text = FILE.replace('1 2', '1 99999999')
  const [entry] = [...readEntries(text, { file: 'POSCAR' })]
  expect((entry as FailedEntry).error).toMatchObject({ code: 'LIMIT' })
})
