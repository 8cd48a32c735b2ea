// Cartesian atom sites of a CIF, `_atom_site_Cartn_x`: from Å to fractions of the cell by the matrix that the block gives,
// else by the orientation that the dictionaries take for granted, a along x and b in the xy plane.

import { ParseError } from '../../errors.ts'
import { determinant, dot, inverse, type Mat3, minus, plus, type Vec3 } from '../../math/vectors.ts'
import { fractionalOf } from '../cell.ts'
import type { CifBlock } from './cif-syntax.ts'
import type { ReadContext } from './format.ts'
import { parseNumber } from './reading.ts'

export const CARTESIAN = ['_atom_site_cartn_x', '_atom_site_cartn_y', '_atom_site_cartn_z']

/** Matrices of the core dictionary, and of the one of macromolecules. */
const TO_FRACTIONS = [
  { matrix: '_atom_sites_fract_tran_matrix_', vector: '_atom_sites_fract_tran_vector_', bracketed: false },
  { matrix: '_atom_sites_fract_transf_matrix', vector: '_atom_sites_fract_transf_vector', bracketed: true },
]
const TO_CARTESIAN = [
  { matrix: '_atom_sites_cartn_tran_matrix_', vector: '_atom_sites_cartn_tran_vector_', bracketed: false },
  { matrix: '_atom_sites_cartn_transf_matrix', vector: '_atom_sites_cartn_transf_vector', bracketed: true },
]

/** A function from the Cartesian coordinates of the block to fractional ones. @throws ParseError for a matrix that is none. */
export function fractionalOfSites(block: CifBlock, lattice: Mat3, context: ReadContext): (r: Vec3) => Vec3 {
  for (const tags of TO_FRACTIONS) {
    const given = transformation(block, tags, context)
    if (given) return (r) => plus(applied(given.matrix, r), given.vector)
  }
  for (const tags of TO_CARTESIAN) {
    const given = transformation(block, tags, context)
    if (given) {
      const back = inverse(given.matrix)
      return (r) => applied(back, minus(r, given.vector))
    }
  }
  return fractionalOf(lattice)
}

/** M · r, the vector as a column. */
function applied([a, b, c]: Mat3, r: Vec3): Vec3 {
  return [dot(a, r), dot(b, r), dot(c, r)]
}

function transformation(
  block: CifBlock,
  { matrix, vector, bracketed }: (typeof TO_FRACTIONS)[number],
  { file }: ReadContext,
): { matrix: Mat3; vector: Vec3 } | undefined {
  const name = (...places: number[]) => places.map((n) => (bracketed ? `[${n}]` : n)).join('')
  if (!block.columns.has(`${matrix}${name(1, 1)}`)) return undefined
  const value = (tag: string, missing?: number): number => {
    const column = block.columns.get(tag)
    const number = column === undefined ? missing : parseNumber(column.values[0]?.trim() ?? '')
    if (number !== undefined) return number
    const found = column === undefined ? 'is missing' : `${JSON.stringify(column.values[0])} is not a number`
    throw new ParseError(`${tag} ${found}`, { file, line: column?.lines[0] ?? block.line })
  }
  const row = (i: number) => [1, 2, 3].map((j) => value(`${matrix}${name(i, j)}`)) as unknown as Vec3
  const found: Mat3 = [row(1), row(2), row(3)]
  if (Math.abs(determinant(found)) < 1e-12) {
    const line = block.columns.get(`${matrix}${name(1, 1)}`)!.lines[0]
    throw new ParseError(`${matrix}…: the matrix is singular`, { file, line })
  }
  return { matrix: found, vector: [1, 2, 3].map((i) => value(`${vector}${name(i)}`, 0)) as unknown as Vec3 }
}
