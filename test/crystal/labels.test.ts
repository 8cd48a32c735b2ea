// Numbers that stand beside a structure in its file.

import { expect, it } from 'vitest'
import { readStructures } from '../../src/crystal/read.ts'

const PYMATGEN = {
  '@module': 'pymatgen.core.structure',
  '@class': 'Structure',
  charge: 0,
  lattice: {
    matrix: [
      [3, 0, 0],
      [0, 3, 0],
      [0, 0, 3],
    ],
  },
  sites: [{ species: [{ element: 'Cu', occu: 1 }], abc: [0, 0, 0] }],
}
const OWN = {
  id: 'x',
  lattice: PYMATGEN.lattice.matrix,
  frac: [[0, 0, 0]],
  numbers: [29],
  targets: { e_form: -1.5 },
}
const CIF =
  'data_x\n_cell_length_a 3\n_cell_length_b 3\n_cell_length_c 3\n_cell_angle_alpha 90\n_cell_angle_beta 90\n' +
  '_cell_angle_gamma 90\nloop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\nCu 0 0 0\n'

const labels = (text: string, file: string) =>
  readStructures(text, { file }).map(({ labels }) => ({ ...labels }))

it('takes numbers of extended XYZ frames, not texts and lists', () => {
  const frame = (info: string) => `1\nLattice="3 0 0 0 3 0 0 0 3" ${info} pbc="T T T"\nCu 0 0 0\n`
  const text = frame('energy=-3.5 config=bulk stress="1 2 3"') + frame('E_form=-1e-2')
  expect(labels(text, 'a.extxyz')).toEqual([{ energy: -3.5 }, { e_form: -0.01 }])
})

it.each([
  [
    'a record around pymatgen',
    { structure: PYMATGEN, band_gap: 1.25, name: 'x', tags: [1] },
    { band_gap: 1.25 },
  ],
  [
    'a record around CIF',
    { cif: CIF, formation_energy_per_atom: -2, nsites: 1 },
    { formation_energy_per_atom: -2 },
  ],
  ['a structure with an energy beside its sites', { ...PYMATGEN, energy: -4 }, { energy: -4 }],
  ['a line of a data file', OWN, { e_form: -1.5 }],
  ['a structure alone', PYMATGEN, {}],
])('takes numbers of %s', (_, record, expected) => {
  expect(labels(JSON.stringify(record), 'a.json')).toEqual([expected])
})
