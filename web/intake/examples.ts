// The structures that the page comes with: the files of examples/structures.

import halides from '../../examples/structures/alkali-halides.extxyz?raw'
import periclase from '../../examples/structures/MgO.vasp?raw'
import halite from '../../examples/structures/NaCl.cif?raw'
import fluorite from '../../examples/structures/POSCAR-CaF2?raw'
import perovskite from '../../examples/structures/SrTiO3.json?raw'
import rutile from '../../examples/structures/TiO2-rutile.cif?raw'
import wurtzite from '../../examples/structures/ZnO-wurtzite.cif?raw'

export interface Example {
  readonly title: string
  readonly name: string
  readonly text: string
}

/** The first one is shown with the page: one of those that its models were made for. */
export const EXAMPLES: readonly Example[] = [
  { title: 'ZnO, wurtzite', name: 'ZnO-wurtzite.cif', text: wurtzite },
  { title: 'NaCl, rock salt', name: 'NaCl.cif', text: halite },
  { title: 'SrTiO3, perovskite', name: 'SrTiO3.json', text: perovskite },
  { title: 'CaF2, fluorite', name: 'POSCAR-CaF2', text: fluorite },
  { title: 'TiO2, rutile', name: 'TiO2-rutile.cif', text: rutile },
  { title: 'MgO, rock salt', name: 'MgO.vasp', text: periclase },
  { title: 'Alkali halides, many in one file', name: 'alkali-halides.extxyz', text: halides },
]
