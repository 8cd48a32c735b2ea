// What is repeated many thousand times is read, or refused, in a moment: no pattern of a reader takes the square of its
// length, or more. Each of these took minutes, or for ever.

import { expect, it } from 'vitest'
import { readEntries } from '../../src/crystal/read.ts'
import { streamEntries } from '../../src/data/structure-stream.ts'

const LONG = 300_000

function cif(tag: string, value: string, symbol = 'C'): string {
  return `data_x\n${tag} '${value}'\n_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 4
loop_\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n${symbol} 0 0 0\n`
}

it.each([
  ['comments before an XSF', '# made\n\n'.repeat(500)],
  ['elements of a formula', cif('_chemical_formula_sum', `${'C12.5'.repeat(60)}?`)],
  ['elements of a type symbol', cif('_chemical_name_common', 'x', `${'C12.5'.repeat(60)}?`)],
  ['a tag', cif(`_${'magn'.repeat(LONG / 4)}_x`, 'x')],
  ['digits of a label', cif('_chemical_name_common', 'x', `Si${'1'.repeat(LONG / 4)}x`)],
  ['blank lines', '\n'.repeat(LONG)],
  ['returns', '\r'.repeat(LONG)],
  ['words of a frame', `1\nLattice="${'a={ '.repeat(LONG)}\nH 0 0 0\n`],
  ['strings that do not end', `[NaN,"${'\\"'.repeat(LONG)}`],
])(
  '%s',
  (_, text) => {
    expect([...readEntries(text)].length).toBeGreaterThan(0)
  },
  20_000,
)

it.each([
  ['commas before a table', ','.repeat(LONG)],
  ['columns of a table', `cif${',cif'.repeat(LONG / 4)}\n`],
])(
  '%s',
  async (_, text) => {
    const found: unknown[] = []
    async function* chunks() {
      yield Buffer.from(text)
    }
    for await (const entry of streamEntries('-', chunks())) found.push(entry)
    expect(found).toHaveLength(1)
  },
  20_000,
)
