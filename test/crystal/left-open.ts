// CIF written by the tests of what is left open in files, and what became of it.

import { expect } from 'vitest'
import { symbolOf } from '../../src/crystal/elements.ts'
import { composition } from '../../src/crystal/formula.ts'
import { type ParsedStructure, readEntries } from '../../src/crystal/read.ts'

export const P1 = "_space_group_name_H-M_alt 'P 1'"
export const cubic = (a: number) =>
  ['a', 'b', 'c'].map((axis) => `_cell_length_${axis} ${a}`).join('\n') +
  ['alpha', 'beta', 'gamma'].map((angle) => `\n_cell_angle_${angle} 90`).join('')

/** A CIF with atoms of these columns behind label. */
export function cif(head: string, rows: string, columns = 'type_symbol fract_x fract_y fract_z'): string {
  const tags = ['label', ...columns.split(' ')].map((column) => `_atom_site_${column}`)
  return `data_x\n${head}\nloop_\n${tags.join('\n')}\n${rows}\n`
}

export const all = (text: string, file?: string) => [...readEntries(text, { file })]
export const read = (text: string, file?: string) => all(text, file)[0] as ParsedStructure
export const refused = (text: string, file?: string) => {
  const [entry] = all(text, file)
  expect('error' in entry).toBe(true)
  return 'error' in entry ? entry.error.message : ''
}
export const content = ({ structure }: ParsedStructure) =>
  Object.fromEntries([...composition(structure)].map(([z, n]) => [symbolOf(z), Number(n.toFixed(4))]))
