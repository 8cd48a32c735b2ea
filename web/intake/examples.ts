// The structures that the page comes with: crystals of the Materials Project that the models of the page have not learned
// from, with what is known of them, and files of examples/structures.

import materialsProject from '../../examples/materials-project.jsonl?raw'
import halides from '../../examples/structures/alkali-halides.extxyz?raw'
import halite from '../../examples/structures/NaCl.cif?raw'
import fluorite from '../../examples/structures/POSCAR-CaF2?raw'
import perovskite from '../../examples/structures/SrTiO3.json?raw'
import wurtzite from '../../examples/structures/ZnO-wurtzite.cif?raw'

export interface Example {
  readonly title: string
  readonly name: string
  readonly text: string
  /** whose the numbers are that stand beside its structure */
  readonly source?: string
}

/** By their ids. The first one is shown with the page. */
const TITLES = new Map([
  ['mp-2605', 'CaO, rock salt'],
  ['mp-8352', 'SiO₂, cristobalite'],
  ['mp-4514', 'NaNbO₃, perovskite'],
  ['mp-224', 'WS₂, layers'],
  ['mp-2624', 'AlSb, sphalerite'],
  ['mp-13', 'Fe, body-centred cubic'],
])

const lines = new Map(
  materialsProject
    .trim()
    .split('\n')
    .map((line) => [JSON.parse(line).id as string, line]),
)

function ofMaterialsProject([id, title]: [id: string, title: string]): Example {
  return {
    title: `${title} (${id})`,
    name: `${id}.jsonl`,
    text: lines.get(id)!,
    source: `Materials Project, ${id}`,
  }
}

export const EXAMPLES: readonly Example[] = [
  ...[...TITLES].map(ofMaterialsProject),
  { title: 'ZnO, wurtzite', name: 'ZnO-wurtzite.cif', text: wurtzite },
  { title: 'NaCl, rock salt', name: 'NaCl.cif', text: halite },
  { title: 'SrTiO₃, perovskite', name: 'SrTiO3.json', text: perovskite },
  { title: 'CaF₂, fluorite', name: 'POSCAR-CaF2', text: fluorite },
  { title: 'Alkali halides, many in one file', name: 'alkali-halides.extxyz', text: halides },
]
