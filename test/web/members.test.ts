// Names in archives that the page is given.

import { zipSync } from 'fflate'
import { expect, it } from 'vitest'
import { membersOf } from '../../web/reading/members.ts'

it('files are taken wherever they lie, but for those of an operating system', () => {
  const content = new Uint8Array([1])
  const names = ['./a.cif', '../b.cif', 'in/c.cif', '.DS_Store', 'in/.hidden', '__MACOSX/a.cif']
  const archive = zipSync(Object.fromEntries(names.map((name) => [name, content])))
  expect(membersOf('x.zip', archive).map(({ name }) => name)).toEqual([
    'x.zip/./a.cif',
    'x.zip/../b.cif',
    'x.zip/in/c.cif',
  ])
})
