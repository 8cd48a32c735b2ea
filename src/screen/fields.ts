// A crystal from the columns of a table: lists of numbers under the names that data sets give them, or one column with a
// structure of any format, as text or as a struct.

import { fractionalOf } from '../crystal/cell.ts'
import { elementOfSymbol } from '../crystal/elements.ts'
import { type Structure, structure } from '../crystal/structure.ts'
import { STRUCTURE_FIELDS, structureField, structureOfText } from '../data/formats/fields.ts'
import { ScreenError, StructureError } from '../errors.ts'
import type { Mat3, Vec3 } from '../math/vectors.ts'

/** Names of typed columns: ours, JARVIS, pymatgen, ASE, OPTIMADE (Alexandria, LeMaterial). */
const LATTICE = ['lattice', 'lattice_mat', 'lattice_vectors', 'cell', 'matrix']
const FRACTIONAL = ['frac', 'frac_coords', 'fractional_coordinates', 'scaled_positions', 'abc']
const CARTESIAN = ['positions', 'cart_coords', 'cartesian_site_positions', 'xyz']
/** Of one kind or the other, as a column `cartesian` says; fractional without it. */
const EITHER = ['coords']
const SPECIES = [
  'numbers',
  'atomic_numbers',
  'species',
  'elements',
  'symbols',
  'species_at_sites',
  'atom_types',
]

export interface FieldReader {
  /** The columns that have to be read. */
  readonly columns: readonly string[]
  /** @throws CrystalOnnxError for a row that is no crystal */
  readonly read: (row: Readonly<Record<string, unknown>>) => Structure
}

/** How crystals are read from a table with these columns. @throws ScreenError where there are none */
export function fieldReader(file: string, names: readonly string[]): FieldReader {
  const find = (wanted: readonly string[]) => structureField(names, undefined, wanted)
  const lattice = find(LATTICE)
  const species = find(SPECIES)
  const frac = find(FRACTIONAL)
  const cartesian = find(CARTESIAN)
  const either = find(EITHER)
  const coordinates = frac ?? cartesian ?? either
  if (lattice !== undefined && species !== undefined && coordinates !== undefined) {
    const flag = coordinates === either ? find(['cartesian', 'coords_are_cartesian']) : undefined
    return {
      columns: [lattice, species, coordinates, ...(flag === undefined ? [] : [flag])],
      read(row) {
        const cell = vectors(row[lattice], lattice)
        const rows = vectors(row[coordinates], coordinates)
        const isCartesian = coordinates === cartesian || (flag !== undefined && row[flag] === true)
        return structure({
          lattice: cell,
          frac: isCartesian ? inCell(cell, rows) : rows,
          species: list(row[species], species).map((value) => atomicNumber(value, species)),
        })
      },
    }
  }
  const whole = find(STRUCTURE_FIELDS)
  if (whole !== undefined) return { columns: [whole], read: (row) => wholeStructure(row[whole], whole) }
  throw new ScreenError(
    `${file}: no column of structures among ${names.join(', ').slice(0, 300)}; expected lattice, frac and numbers ` +
      `(or what other programs call them, docs/scale.md), or one of ${STRUCTURE_FIELDS.join(', ')}`,
  )
}

function wholeStructure(value: unknown, name: string): Structure {
  if (typeof value === 'string') return structureOfText(value)
  if (typeof value === 'object' && value !== null) return structureOfText(JSON.stringify(value, plain))
  throw new StructureError(`${name}: there is none`)
}

/** JSON knows no integers of 64 bits. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}

function list(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>)
  throw new StructureError(
    `${name}: expected a list, found ${value === null || value === undefined ? 'nothing' : typeof value}`,
  )
}

/** Rows of three numbers, or all numbers in one list. */
function vectors(value: unknown, name: string): number[][] {
  const rows = list(value, name)
  if (typeof rows[0] !== 'number' && typeof rows[0] !== 'bigint') {
    return rows.map((row) => list(row, name).map(Number))
  }
  if (rows.length % 3 !== 0) throw new StructureError(`${name}: ${rows.length} numbers, expected three a row`)
  return Array.from({ length: rows.length / 3 }, (_, r) => rows.slice(3 * r, 3 * r + 3).map(Number))
}

function inCell(lattice: readonly number[][], rows: readonly number[][]): Vec3[] {
  return (rows as unknown as Vec3[]).map(fractionalOf(lattice as unknown as Mat3))
}

function atomicNumber(value: unknown, name: string): number {
  if (typeof value === 'string') {
    const number = elementOfSymbol(value.trim())
    if (number === undefined) throw new StructureError(`${name}: "${value.slice(0, 40)}" is no element`)
    return number
  }
  return Number(value)
}
