// Small data files of every form, written out by hand the way their publishers write them.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Caesium chloride, as pymatgen writes it. a in Å. */
export function cif(a = 4.12, [first, second] = ['Cs', 'Cl']): string {
  return `# generated using pymatgen
data_${first}${second}
_symmetry_space_group_name_H-M   'P 1'
_cell_length_a   ${a}
_cell_length_b   ${a}
_cell_length_c   ${a}
_cell_angle_alpha   90.00000000
_cell_angle_beta   90.00000000
_cell_angle_gamma   90.00000000
_symmetry_Int_Tables_number   1
_chemical_formula_structural   ${first}${second}
loop_
 _symmetry_equiv_pos_site_id
 _symmetry_equiv_pos_as_xyz
  1  'x, y, z'
loop_
 _atom_site_type_symbol
 _atom_site_label
 _atom_site_symmetry_multiplicity
 _atom_site_fract_x
 _atom_site_fract_y
 _atom_site_fract_z
 _atom_site_occupancy
  ${first}  ${first}0  1  0.00000000  0.00000000  0.00000000  1
  ${second}  ${second}1  1  0.50000000  0.50000000  0.50000000  1
`
}

/** The same as pymatgen's JSON. */
export function pymatgen(a = 4.12): object {
  const site = (element: string, x: number) => ({
    species: [{ element, occu: 1 }],
    abc: [x, x, x],
    xyz: [x * a, x * a, x * a],
    label: element,
  })
  return {
    '@module': 'pymatgen.core.structure',
    '@class': 'Structure',
    charge: null,
    lattice: {
      matrix: [
        [a, 0, 0],
        [0, a, 0],
        [0, 0, a],
      ],
      a,
      b: a,
      c: a,
      alpha: 90,
      beta: 90,
      gamma: 90,
      volume: a ** 3,
    },
    sites: [site('Cs', 0), site('Cl', 0.5)],
  }
}

/** The same as JARVIS atoms. */
export function jarvisAtoms(a = 4.12): object {
  return {
    lattice_mat: [
      [a, 0, 0],
      [0, a, 0],
      [0, 0, a],
    ],
    coords: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ],
    elements: ['Cs', 'Cl'],
    abc: [a, a, a],
    angles: [90, 90, 90],
    cartesian: false,
    props: ['', ''],
  }
}

export function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`
}

/** A folder of its own, and a function that writes files into it and returns their paths. */
export function workshop(): { folder: string; file: (name: string, content: string | Uint8Array) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-data-'))
  return {
    folder,
    file(name, content) {
      const path = join(folder, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
      return path
    },
  }
}
