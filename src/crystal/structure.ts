// A crystal structure as everything else in the toolkit sees it. Immutable, validated once by `structure()`;
// code that receives a `Structure` does no checks of its own. Not here: reading files, symmetry.

import { StructureError } from '../errors.ts'

export type Vec3 = readonly [number, number, number]
/** Rows are the lattice vectors a, b, c in Å. */
export type Mat3 = readonly [Vec3, Vec3, Vec3]

/** One chemical species on a site: atomic number 1–118 and its occupancy in (0, 1]. */
export interface Occupant {
  readonly element: number
  readonly occupancy: number
}

/** What sits on one site: one occupant of occupancy 1 when ordered; several, or a vacancy, when not. */
export type Site = readonly Occupant[]

export interface Structure {
  /** Lattice vectors as rows, Å. Either handedness. */
  readonly lattice: Mat3
  /** Fractional coordinates, one row a site. Not wrapped into [0, 1). */
  readonly frac: readonly Vec3[]
  readonly species: readonly Site[]
  /** A title or data-block name from the file, if it had one. */
  readonly name?: string
}

/** Cells flatter than this (Å³ per cell) are taken as singular. */
const MIN_VOLUME = 1e-3

/**
 * Validates and freezes a structure. `species` may hold atomic numbers for ordered crystals.
 * @throws StructureError when the lattice is singular, nothing is on a site, or a number is not finite.
 */
export function structure(input: {
  lattice: readonly (readonly number[])[]
  frac: readonly (readonly number[])[]
  species: readonly (number | Site)[]
  name?: string
}): Structure {
  const lattice = input.lattice.map((row, m) => vec3(row, `lattice row ${m + 1}`))
  if (lattice.length !== 3) throw new StructureError(`lattice has ${lattice.length} rows, expected 3`)
  const volume = Math.abs(cellVolume(lattice as unknown as Mat3))
  if (!(volume >= MIN_VOLUME)) {
    throw new StructureError(`lattice is singular: cell volume ${volume} Å³, expected at least ${MIN_VOLUME}`)
  }
  if (input.frac.length === 0) throw new StructureError('structure has no sites, expected at least one')
  if (input.frac.length !== input.species.length) {
    throw new StructureError(`${input.frac.length} coordinates for ${input.species.length} species`)
  }
  const result = {
    lattice: Object.freeze(lattice) as unknown as Mat3,
    frac: Object.freeze(input.frac.map((row, i) => vec3(row, `coordinates of site ${i + 1}`))),
    species: Object.freeze(input.species.map(site)),
    ...(input.name === undefined ? {} : { name: input.name }),
  }
  return Object.freeze(result)
}

function vec3(row: readonly number[], what: string): Vec3 {
  if (row.length !== 3) throw new StructureError(`${what} has ${row.length} numbers, expected 3`)
  for (const x of row)
    if (!Number.isFinite(x)) throw new StructureError(`${what}: ${x} is not a finite number`)
  return Object.freeze([row[0], row[1], row[2]]) as Vec3
}

function site(s: number | Site, i: number): Site {
  const occupants = typeof s === 'number' ? [{ element: s, occupancy: 1 }] : s
  if (occupants.length === 0) throw new StructureError(`site ${i + 1} holds no species`)
  for (const { element, occupancy } of occupants) {
    if (!Number.isInteger(element) || element < 1 || element > 118) {
      throw new StructureError(`site ${i + 1}: atomic number ${element} is not an integer from 1 to 118`)
    }
    if (!(occupancy > 0 && occupancy <= 1)) {
      throw new StructureError(`site ${i + 1}: occupancy ${occupancy} is not in (0, 1]`)
    }
  }
  return Object.freeze(occupants.map((o) => Object.freeze({ element: o.element, occupancy: o.occupancy })))
}

/** Signed volume det(L) in Å³; negative for a left-handed cell. */
export function cellVolume(lattice: Mat3): number {
  const [a, b, c] = lattice
  return (
    a[0] * (b[1] * c[2] - b[2] * c[1]) +
    a[1] * (b[2] * c[0] - b[0] * c[2]) +
    a[2] * (b[0] * c[1] - b[1] * c[0])
  )
}

/** Whether every site holds exactly one species at full occupancy. */
export function isOrdered(s: Structure): boolean {
  return s.species.every((o) => o.length === 1 && o[0].occupancy === 1)
}
