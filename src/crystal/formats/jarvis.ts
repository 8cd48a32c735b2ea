// The JSON of JARVIS `Atoms` (`atoms.to_dict()`), alone or as the `atoms` of a JARVIS-DFT record.

import { StructureError } from '../../errors.ts'
import type { Mat3 } from '../../math/vectors.ts'
import { fractionalOf, latticeParameters } from '../cell.ts'
import { elementOfSymbol, symbolOf } from '../elements.ts'
import { isOrdered, type Structure, structure } from '../structure.ts'
import type { JsonFormat } from './format.ts'
import { elements, field, isObject, type JsonNode, mistake, text, vectors } from './json.ts'

export const jarvis: JsonFormat<'jarvis'> = {
  name: 'jarvis',
  title: 'JARVIS',
  fields: 'lattice_mat, coords, elements',
  matches: isJarvis,
  structureOf: (node) => ({ structure: structureOfJarvis(node) }),
  write: writeJarvis,
}

function isJarvis(node: JsonNode): boolean {
  return isObject(node) && (field(node, 'lattice_mat').value !== undefined || isObject(field(node, 'atoms')))
}

function structureOfJarvis(node: JsonNode): Structure {
  const atoms = field(node, 'atoms').value === undefined ? node : field(node, 'atoms')
  const lattice = vectors(field(atoms, 'lattice_mat'), 'lattice_mat', 3) as unknown as Mat3
  const coords = vectors(field(atoms, 'coords'), 'coords')
  const cartesian = isCartesian(field(atoms, 'cartesian'))
  return structure({
    lattice,
    frac: cartesian ? coords.map(fractionalOf(lattice)) : coords,
    species: elements(field(atoms, 'elements'), 'elements').map((symbol) => {
      const z = elementOfSymbol(text(symbol) ?? '')
      if (z === undefined) throw mistake(symbol, `${JSON.stringify(symbol.value)} is no element`)
      return z
    }),
    name: text(field(node, 'jid')),
  })
}

function isCartesian(node: JsonNode): boolean {
  const { value } = node
  if (value === undefined || value === null) return false
  const said = typeof value === 'string' ? value.toLowerCase() : String(Number(value) === 1 || value)
  if (said !== 'true' && said !== 'false' && value !== 0) {
    throw mistake(node, `expected true or false, found ${JSON.stringify(value)}`)
  }
  return said === 'true'
}

/** @throws StructureError for a disordered structure, which the format cannot hold. */
function writeJarvis(s: Structure): string {
  if (!isOrdered(s))
    throw new StructureError('JARVIS JSON cannot hold partial occupancies; write CIF or pymatgen JSON')
  const cell = latticeParameters(s.lattice)
  const atoms = {
    lattice_mat: s.lattice,
    coords: s.frac,
    elements: s.species.map(([{ element }]) => symbolOf(element)),
    abc: cell.slice(0, 3),
    angles: cell.slice(3),
    cartesian: false,
    props: s.species.map(() => ''),
  }
  return JSON.stringify(s.name === undefined ? atoms : { jid: s.name, atoms })
}
