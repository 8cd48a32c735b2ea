// Which files of a folder are read.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { structureFilesIn } from '../../src/data/structure-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'links-'))
afterAll(() => rmSync(folder, { recursive: true }))

// Stores of data keep files elsewhere, and links to them where they are read.
test('links to files are, dead ones too, and links to folders are not', async () => {
  mkdirSync(join(folder, 'store'))
  mkdirSync(join(folder, 'set'))
  writeFileSync(join(folder, 'store', '1f2e'), '')
  writeFileSync(join(folder, 'set', 'a.cif'), '')
  symlinkSync('../store/1f2e', join(folder, 'set', 'b.cif'))
  symlinkSync('../store/gone', join(folder, 'set', 'c.cif'))
  symlinkSync('..', join(folder, 'set', 'd.cif'))
  const names = await structureFilesIn(join(folder, 'set'))
  expect(names).toEqual(['a.cif', 'b.cif', 'c.cif'].map((name) => join(folder, 'set', name)))
})
