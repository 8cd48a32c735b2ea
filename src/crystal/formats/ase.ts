// Atoms of ASE (https://ase-lib.org) as its files hold them: numbers, positions, cell and periodicity; and its JSON, that of a
// database and that of an object. Calculators, constraints and momenta are not kept.

import { StructureError } from '../../errors.ts'
import type { Vec3 } from '../../math/vectors.ts'
import { fractionalOf } from '../cell.ts'
import { checkPeriodicity } from '../periodicity.ts'
import { type Site, type Structure, structure } from '../structure.ts'
import { sitesByKind } from './ase-occupancy.ts'
import type { JsonFormat } from './format.ts'
import { elements, field, isObject, type JsonNode, jsonPeriodicity, mistake } from './json.ts'

export const aseJson: JsonFormat<'ase'> = {
  name: 'ase',
  title: 'ASE',
  fields: 'numbers, positions, cell',
  matches: (node) =>
    isObject(node) && ['numbers', 'positions', 'cell'].every((key) => field(node, key).value !== undefined),
  structureOf: (node, warnings) => {
    const warn = (message: string) => warnings.push(message)
    const pbc = field(node, 'pbc')
    jsonPeriodicity(isObject(pbc) ? { ...pbc, value: numbersOf(pbc, 'pbc') } : pbc, warn)
    const cell = field(node, 'cell')
    const numbers = numbersOf(field(node, 'numbers'), 'numbers')
    const kinds = field(node, 'spacegroup_kinds')
    return {
      structure: structureOfAtoms({
        numbers,
        sites: sitesByKind(
          numbers,
          field(field(node, 'info'), 'occupancy').value,
          kinds.value === undefined ? undefined : numbersOf(kinds, 'spacegroup_kinds'),
          warn,
        ),
        positions: numbersOf(field(node, 'positions'), 'positions'),
        cell: numbersOf(isObject(field(cell, 'array')) ? field(cell, 'array') : cell, 'cell'),
      }),
    }
  },
}

/** What a file says of one crystal, arrays row by row. */
export interface AseAtoms {
  readonly numbers: readonly number[]
  /** Å, three an atom */
  readonly positions: readonly number[]
  /** Å, nine, or three lengths */
  readonly cell: readonly number[]
  /** by atom, where sites are shared */
  readonly sites?: readonly Site[]
}

/** @throws StructureError where the arrays do not fit */
export function structureOfAtoms({ numbers, positions, cell, sites }: AseAtoms): Structure {
  if (positions.length !== 3 * numbers.length || (cell.length !== 9 && cell.length !== 3)) {
    throw new StructureError(
      `${numbers.length} numbers, ${positions.length} coordinates and a cell of ${cell.length} numbers: expected three coordinates an atom and 3 × 3`,
    )
  }
  const [a, b, c] = cell
  const rows = cell.length === 3 ? [[a, 0, 0], [0, b, 0], [0, 0, c]] : [cell.slice(0, 3), cell.slice(3, 6), cell.slice(6)] // biome-ignore format: one line
  const lattice = rows as unknown as Structure['lattice']
  const toFractional = fractionalOf(lattice)
  const frac = numbers.map((_, i) => toFractional(positions.slice(3 * i, 3 * i + 3) as unknown as Vec3))
  return structure({ lattice, frac, species: sites ?? numbers })
}

export function checkAsePeriodicity(pbc: readonly boolean[], warn: (message: string) => void): void {
  checkPeriodicity(pbc, `pbc ${JSON.stringify(pbc)}`, warn)
}

/** The numbers of an array, nested or as ASE writes those of numpy, `{"__ndarray__": [shape, type, numbers]}`. */
function numbersOf(node: JsonNode, what: string): number[] {
  const packed = field(node, '__ndarray__')
  const values = packed.value === undefined ? node : elements(packed, what)[2]
  if (values === undefined || !Array.isArray(values.value))
    throw mistake(node, `${what}: expected an array of numbers`)
  const numbers = values.value.flat(3).map((x) => (typeof x === 'boolean' ? Number(x) : x))
  if (!numbers.every((x) => typeof x === 'number'))
    throw mistake(node, `${what}: expected an array of numbers`)
  return numbers
}
