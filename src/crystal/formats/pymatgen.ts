// The JSON of a pymatgen Structure (`structure.as_dict()`): lattice matrix, and sites with species, occupancies and
// coordinates. Molecules, oxidation states, spins and site properties are not kept.

import type { Mat3, Vec3 } from '../../math/vectors.ts'
import {
  type CellParameters,
  fractionalOf,
  latticeFromParameters,
  latticeParameters,
  toCartesian,
} from '../cell.ts'
import { elementOfSymbol, symbolOf } from '../elements.ts'
import { siteOf } from '../occupancy.ts'
import { type Occupant, type Structure, structure } from '../structure.ts'
import type { JsonFormat } from './format.ts'
import {
  elements,
  field,
  isObject,
  type JsonNode,
  jsonPeriodicity,
  mistake,
  number,
  occupancyOf,
  text,
  vector,
  vectors,
} from './json.ts'

export const pymatgen: JsonFormat<'pymatgen'> = {
  name: 'pymatgen',
  title: 'pymatgen',
  fields: 'lattice, sites',
  matches: isPymatgen,
  structureOf: (node, warnings) => ({ structure: structureOfPymatgen(node, warnings) }),
  write: writePymatgen,
}

function isPymatgen(node: JsonNode): boolean {
  return isObject(node) && Array.isArray(field(node, 'sites').value) && isObject(field(node, 'lattice'))
}

function structureOfPymatgen(node: JsonNode, warnings: string[]): Structure {
  const warn = (message: string) => warnings.push(message)
  const lattice = readLattice(field(node, 'lattice'))
  jsonPeriodicity(field(field(node, 'lattice'), 'pbc'), warn)
  const toFractional = fractionalOf(lattice)
  const sites = elements(field(node, 'sites'), 'sites')
  const moved = sites.filter((site) => isElsewhere(site, lattice)).length
  if (moved > 0) warn(`xyz and abc disagree for ${moved} of ${sites.length} sites; abc is taken`)
  return structure({
    lattice,
    frac: sites.map((site) => {
      const abc = field(site, 'abc')
      return abc.value === undefined ? toFractional(vector(field(site, 'xyz'), 'xyz')) : vector(abc, 'abc')
    }),
    species: sites.map((site, i) => siteOf(readSpecies(site), `site ${i + 1}`, warn)),
    name: text(field(node, 'name')),
  })
}

/** Å. Coordinates are written with as few as three decimals. */
const SAME_PLACE = 0.05

/** Whether the Cartesian coordinates of a site are not those of its fractional ones, which pymatgen reads. */
function isElsewhere(site: JsonNode, lattice: Mat3): boolean {
  const [abc, xyz] = [field(site, 'abc').value, field(site, 'xyz').value]
  if (!isVector(abc) || !isVector(xyz)) return false
  const place = toCartesian(abc, lattice)
  return place.some((x, k) => Math.abs(x - xyz[k]) > SAME_PLACE)
}

function isVector(value: unknown): value is Vec3 {
  return Array.isArray(value) && value.length === 3 && value.every(Number.isFinite)
}

function readLattice(node: JsonNode): Mat3 {
  const matrix = field(node, 'matrix')
  if (matrix.value !== undefined) return vectors(matrix, 'lattice matrix', 3) as unknown as Mat3
  const cell = ['a', 'b', 'c', 'alpha', 'beta', 'gamma'].map((key) =>
    number(field(node, key), `lattice ${key}`),
  )
  return latticeFromParameters(cell as unknown as CellParameters)
}

/** Fe2+ and Fe3+ on one site are one species here. */
function readSpecies(site: JsonNode): Occupant[] {
  return elements(field(site, 'species'), 'species').map((species) => {
    const name = field(species, 'element')
    // Here T is the isotope, and nothing else.
    const element = elementOfSymbol(text(name) === 'T' ? 'H' : (text(name) ?? ''))
    if (element === undefined) throw mistake(name, `${JSON.stringify(name.value)} is no element`)
    const occu = field(species, 'occu')
    return { element, occupancy: occu.value === undefined ? 1 : occupancyOf(occu, 'occu') }
  })
}

/** A document that pymatgen's `Structure.from_dict` reads. */
function writePymatgen(s: Structure): string {
  const [a, b, c, alpha, beta, gamma] = latticeParameters(s.lattice)
  return JSON.stringify({
    '@module': 'pymatgen.core.structure',
    '@class': 'Structure',
    ...(s.name === undefined ? {} : { name: s.name }),
    lattice: { matrix: s.lattice, pbc: [true, true, true], a, b, c, alpha, beta, gamma },
    sites: s.frac.map((abc, i) => ({
      species: s.species[i].map(({ element, occupancy }) => ({
        element: symbolOf(element),
        occu: occupancy,
      })),
      abc,
      xyz: toCartesian(abc, s.lattice),
      label: s.species[i].map(({ element }) => symbolOf(element)).join(':'),
      properties: {},
    })),
  })
}
