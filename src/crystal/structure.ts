// A crystal structure as everything else in the toolkit sees it. Immutable, validated once by `structure()`;
// code that receives a `Structure` does no checks of its own. Not here: reading files, symmetry.

import { StructureError } from '../errors.ts'
import { determinant, type Mat3, type Vec3 } from '../math/vectors.ts'

/** One chemical species on a site: atomic number 1–118 and its occupancy in (0, 1]. */
export interface Occupant {
  /** atomic number, 1 to 118 */
  readonly element: number
  /** share of the site, in (0, 1] */
  readonly occupancy: number
}

/** What sits on one site: one occupant of occupancy 1 when ordered; several, or a vacancy, when not. */
export type Site = readonly Occupant[]

/** A crystal: one cell of it, validated and frozen. */
export interface Structure {
  /** Lattice vectors as rows, Å. Either handedness. */
  readonly lattice: Mat3
  /** Fractional coordinates, one row a site. Not wrapped into [0, 1). */
  readonly frac: readonly Vec3[]
  /** What is on each site. */
  readonly species: readonly Site[]
  /** A title or data-block name from the file, if it had one. */
  readonly name?: string
}

/** Cells flatter than this (Å³ per cell) are taken as singular. */
const MIN_VOLUME = 1e-3

/** Occupancies of one site may add up to this: shares are rounded. */
export const FULL = 1 + 1e-3

/** What `structure()` made. Frozen objects of others may look the same and hold anything. */
const made = new WeakSet<object>()

/** What a structure is made of. `species` may hold atomic numbers for ordered crystals. */
export interface StructureInput {
  /** Lattice vectors as rows, Å. */
  readonly lattice: readonly (readonly number[])[]
  /** Fractional coordinates, one row a site. */
  readonly frac: readonly (readonly number[])[]
  /** An atomic number, or the occupants, of each site. */
  readonly species: readonly (number | Site)[]
  /** A title. */
  readonly name?: string
}

/** `input` when `structure()` made it, else what it makes of it; for what comes from JavaScript or JSON. @throws as it does */
export function validated(input: StructureInput): Structure {
  return made.has(input) ? (input as Structure) : structure(input)
}

/**
 * Validates and freezes a structure. `species` may hold atomic numbers for ordered crystals.
 * @throws StructureError when the lattice is singular, nothing or more than one atom is on a site, or a number is not finite.
 */
export function structure(input: StructureInput): Structure {
  if (!Array.isArray(input?.lattice) || !Array.isArray(input.frac) || !Array.isArray(input.species)) {
    throw new StructureError('not a structure: expected an object with lattice, frac and species')
  }
  if (input.lattice.length !== 3) {
    throw new StructureError(`lattice has ${input.lattice.length} rows, expected 3`)
  }
  const lattice = Array.from(input.lattice, (row, m) => vec3(row, () => `lattice row ${m + 1}`))
  const volume = Math.abs(cellVolume(lattice as unknown as Mat3))
  if (!(volume >= MIN_VOLUME)) {
    throw new StructureError(`lattice is singular: cell volume ${volume} Å³, expected at least ${MIN_VOLUME}`)
  }
  if (input.frac.length === 0) throw new StructureError('structure has no sites, expected at least one')
  if (input.frac.length !== input.species.length) {
    throw new StructureError(`${input.frac.length} coordinates for ${input.species.length} species`)
  }
  const result = Object.freeze({
    lattice: Object.freeze(lattice) as unknown as Mat3,
    frac: Object.freeze(each(input.frac, (row, i) => vec3(row, () => `coordinates of site ${i + 1}`))),
    species: Object.freeze(each(input.species, site)),
    ...(input.name === undefined ? {} : { name: input.name }),
  })
  made.add(result)
  return result
}

/** `map`, for holes of an array too. */
function each<From, To>(list: readonly From[], of: (one: From, n: number) => To): To[] {
  const made: To[] = []
  for (let n = 0; n < list.length; n++) made.push(of(list[n], n))
  return made
}

/** @param what how an error calls it */
function vec3(row: readonly number[], what: () => string): Vec3 {
  if (!(Array.isArray(row) || ArrayBuffer.isView(row))) {
    throw new StructureError(`${what()}: found ${shown(row)}, expected 3 numbers`)
  }
  const numbers = row.length === 3 ? [row[0], row[1], row[2]] : Array.from(row)
  if (numbers.length !== 3) throw new StructureError(`${what()} has ${numbers.length} numbers, expected 3`)
  const [x, y, z] = numbers
  if (!(Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z))) {
    const wrong = numbers.findIndex((x) => !Number.isFinite(x))
    throw new StructureError(`${what()}: ${shown(numbers[wrong])} is not a finite number`)
  }
  return Object.freeze(numbers) as unknown as Vec3
}

/** Sites with one atom of an element, which most are. */
const WHOLE: readonly Site[] = Array.from({ length: 119 }, (_, element) =>
  Object.freeze([Object.freeze({ element, occupancy: 1 })]),
)

function site(s: number | Site, i: number): Site {
  const alone = wholeElement(s)
  if (alone !== undefined) return WHOLE[alone]
  if (typeof s !== 'number' && !Array.isArray(s)) {
    throw new StructureError(
      `site ${i + 1}: found ${shown(s)}, expected an atomic number or a list of {element, occupancy}`,
    )
  }
  const occupants = typeof s === 'number' ? [{ element: s, occupancy: 1 }] : Array.from(s as Site, copied)
  if (occupants.length === 0) throw new StructureError(`site ${i + 1} holds no species`)
  for (const { element, occupancy } of occupants) {
    if (!Number.isInteger(element) || element < 1 || element > 118) {
      throw new StructureError(
        `site ${i + 1}: atomic number ${shown(element)} is not an integer from 1 to 118`,
      )
    }
    if (!(Number.isFinite(occupancy) && occupancy > 0 && occupancy <= 1)) {
      throw new StructureError(`site ${i + 1}: occupancy ${shown(occupancy)} is not in (0, 1]`)
    }
  }
  const total = occupants.reduce((sum, { occupancy }) => sum + occupancy, 0)
  if (total > FULL) {
    throw new StructureError(
      `site ${i + 1}: occupancies that add up to ${total.toFixed(3)}, expected at most 1`,
    )
  }
  return Object.freeze(occupants.map((occupant) => Object.freeze(occupant)))
}

/** The element of an ordered site; undefined for any other, and for what is none. */
function wholeElement(s: number | Site): number | undefined {
  const [one] =
    typeof s === 'number' ? [{ element: s, occupancy: 1 }] : Array.isArray(s) && s.length === 1 ? s : []
  if (one?.occupancy !== 1) return undefined
  const { element } = one
  return Number.isInteger(element) && element >= 1 && element <= 118 ? element : undefined
}

/** What is checked is what is kept, whatever a getter gives the second time. */
function copied(occupant: Occupant): Occupant {
  const { element, occupancy } = occupant ?? {}
  return { element, occupancy }
}

/** A value of any type in an error message. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40))
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** Signed volume det(L) in Å³; negative for a left-handed cell. */
export function cellVolume(lattice: Mat3): number {
  return determinant(lattice)
}

/** Whether every site holds exactly one species at full occupancy. */
export function isOrdered(s: Structure): boolean {
  return s.species.every((o) => o.length === 1 && o[0].occupancy === 1)
}
