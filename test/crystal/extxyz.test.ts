// Extended XYZ: column orders, quoting, several frames, and what is refused.

import { expect, test } from 'vitest'
import { formula } from '../../src/crystal/formula.ts'
import { type FailedEntry, readEntries, readStructures } from '../../src/crystal/read.ts'
import { ParseError } from '../../src/errors.ts'

const HEADER = 'Lattice="4 0 0 0 5 0 1 0 6" Properties=species:S:1:pos:R:3 pbc="T T T"'
const FRAME = `2\n${HEADER}\nNa 0 0 0\nCl 2.5 2.5 3\n`

const read = (text: string) => readStructures(text, { file: 'a.extxyz' })[0]

test('a frame', () => {
  const { structure } = read(FRAME)
  expect(formula(structure)).toBe('Na1 Cl1')
  // Rows of the lattice follow each other; Cl is at a/2 + b/2 + c/2.
  expect(structure.lattice[2]).toEqual([1, 0, 6])
  for (const x of structure.frac[1]) expect(x).toBeCloseTo(0.5, 12)
})

test.each([
  ['single quotes', FRAME.replaceAll('"', "'")],
  ['braces', FRAME.replace('"4 0 0 0 5 0 1 0 6"', '{4 0 0 0 5 0 1 0 6}')],
  ['nested brackets', FRAME.replace('"4 0 0 0 5 0 1 0 6"', '[[4, 0, 0], [0, 5, 0], [1, 0, 6]]')],
  ['quotes in quotes', FRAME.replace('pbc', 'note="a \\"b\\" Lattice=1" pbc')],
  ['other keys and bare words', FRAME.replace('pbc', 'energy=-3.5 converged stress="0 0 0 0 0 0 0 0 0" pbc')],
  ['lower-case keys', FRAME.replace('Lattice', 'lattice').replace('Properties', 'properties')],
  ['no Properties', FRAME.replace('Properties=species:S:1:pos:R:3', '')],
  ['no pbc', FRAME.replace('pbc="T T T"', '')],
  ['atomic numbers', FRAME.replace('species:S:1', 'Z:I:1').replace('Na', '11').replace('Cl', '17')],
  [
    'columns in another order',
    `2\n${HEADER.replace('species:S:1:pos:R:3', 'id:I:1:pos:R:3:forces:R:3:species:S:1')}\n` +
      '1 0 0 0 9 9 9 Na\n2 2.5 2.5 3 9 9 9 Cl\n',
  ],
  ['further columns', `2\n${HEADER.replace('pos:R:3', 'pos:R:3:charge:R:1')}\nNa 0 0 0 1\nCl 2.5 2.5 3 -1\n`],
  ['blank lines around', `\n${FRAME}\n\n`],
])('%s', (_, text) => {
  const { structure } = read(text)
  expect(formula(structure)).toBe('Na1 Cl1')
  for (const x of structure.frac[1]) expect(x).toBeCloseTo(0.5, 12)
})

test('several frames; a broken one does not lose the others', () => {
  const broken = FRAME.replace('Cl 2.5', 'Cl two')
  const entries = [...readEntries(FRAME + broken + FRAME.replace('Na', 'K'), { file: 'a.extxyz' })]
  expect(entries.map((e) => ('error' in e ? e.error.message : formula(e.structure)))).toEqual([
    'Na1 Cl1',
    'a.extxyz, line 8: expected three coordinates from column 2, found "Cl two 2.5 3"',
    'K1 Cl1',
  ])
})

test('a slab is taken as periodic, with a warning', () => {
  expect(read(FRAME.replace('T T T', 'T T F')).warnings.join()).toMatch(
    /taken as periodic in all three directions/,
  )
})

test.each([
  [FRAME.replace('T T T', 'F F F'), 2, /not periodic/],
  [FRAME.replace(/Lattice="[^"]*"/, ''), 2, /no Lattice/],
  [FRAME.replace('4 0 0 0 5', '4 0 0 5'), 2, /expected 9 numbers/],
  [FRAME.replace('4 0 0 0 5', '4 0 0 nan 5'), 2, /expected 9 numbers/],
  [FRAME.replace('pos:R:3', 'velo:R:3'), 2, /has no species and pos/],
  [FRAME.replace('Na', 'Qq'), 3, /"Qq" is no element/],
  [FRAME.replace('Na 0 0 0', 'Na 0 0'), 3, /expected three coordinates/],
  [FRAME.replace('Na 0 0 0', ''), 3, /expected three coordinates/],
  [FRAME.replace('2\n', '7\n'), 1, /the frame has 7 atoms, but the file ends after 2/],
  [FRAME.replace('2\n', 'two\n'), 1, /expected the number of atoms/],
  [FRAME.replace('2\n', '0\n'), 1, /expected the number of atoms/],
  [FRAME.replace('5 0 1', '0 0 1'), 1, /singular/],
])('%j is refused', (text, line, message) => {
  const [entry] = [...readEntries(text, { file: 'a.extxyz' })]
  const { error } = entry as FailedEntry
  expect(error).toBeInstanceOf(ParseError)
  expect(error.message).toMatch(message)
  expect(error).toMatchObject({ file: 'a.extxyz', line })
})
