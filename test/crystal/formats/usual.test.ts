// A page reads the usual formats with a part of the table: what that part takes for its own is read as the whole reads it.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { entriesOf } from '../../../src/crystal/entries.ts'
import { formatOf } from '../../../src/crystal/formats/known.ts'
import { FORMATS } from '../../../src/crystal/formats/table.ts'
import { isUsual, USUAL } from '../../../src/crystal/formats/usual.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const FOLDERS = ['test/fixtures/formats', 'test/fixtures/structures', 'examples/structures']
const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => !/\.(?:md|gz)$/.test(name))
    .map((name) => ({ name, bytes: readFileSync(join(root, folder, name)) })),
)

test.each([
  ['a.CIF', true],
  ['run/b.extxyz', true],
  ['POSCAR', true],
  ['CONTCAR-2', true],
  ['many.jsonl', true],
  ['POSCAR.xsf', false],
  ['POSCAR.cif', true],
  ['pasted 1', false],
  ['notes.txt', false],
  ['OUTCAR', false],
  ['vasprun.xml', false],
  ['x.cif.lmp', false],
])('%s: %s', (name, is) => expect(isUsual(name, 'any text')).toBe(is))

test('a binary file is not what its name says', () => {
  const database = Buffer.from('SQLite format 3\0', 'latin1')
  expect(isUsual('a.cif', database)).toBe(false)
  expect(isUsual('a.cif', readFileSync(join(root, 'test/fixtures/formats/two.traj')))).toBe(false)
})

test('a usual file is read as all formats read it', () => {
  const rows = files.map(({ name, bytes }) => ({ name, bytes, usual: isUsual(name, bytes) }))
  const usual = rows.filter((row) => row.usual)
  expect(usual.length).toBeGreaterThan(8)
  expect(rows.length - usual.length).toBeGreaterThan(8)
  for (const { name, bytes } of usual) {
    expect(formatOf('', name, USUAL), name).toBe(formatOf('', name, FORMATS))
    const [some, all] = [USUAL, FORMATS].map((formats) => [...entriesOf(bytes, { file: name, formats })])
    expect(some, name).toEqual(all)
  }
})

test('the usual formats are those of the table, in its order', () => {
  expect(FORMATS.filter((format) => USUAL.includes(format))).toEqual(USUAL)
})
