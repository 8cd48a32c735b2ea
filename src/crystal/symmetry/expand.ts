// From the atoms of the asymmetric unit to all atoms of the cell: images of one atom on a special position are merged
// and put exactly onto it, occupants listed in rows of their own are merged into one disordered site.
// Not here: where the operations come from.

import { LimitError } from '../../errors.ts'
import type { Mat3, Vec3 } from '../../math/vectors.ts'
import { heights, nearSquare, wrapOne } from '../cell.ts'
import { siteOf } from '../occupancy.ts'
import { pointGrid } from '../point-grid.ts'
import type { Site } from '../structure.ts'
import { NUMBERS_EACH, numbersOf, type Operation } from './operation.ts'

/** One row of an atom list. */
export interface ListedAtom {
  readonly frac: Vec3
  readonly element: number
  readonly occupancy: number
  /** How messages call it: `Ti1 (line 30)`. */
  readonly label: string
}

export interface ExpandedSites {
  readonly frac: readonly Vec3[]
  readonly species: readonly Site[]
  /** Images of every row, in the order of the rows. */
  readonly multiplicities: readonly number[]
  readonly warnings: readonly string[]
}

/**
 * Å. Two images of one site that is occupied more than half of the time cannot be this close, whatever the rounding of
 * the file; two of a rarer one can (an atom split over a mirror plane), and only rounding brings them within the second.
 */
const SAME_IMAGE = 0.4
const SAME_IMAGE_SPLIT = 0.05
/** Å. Atoms of different rows that are meant to share one site. */
const SAME_SITE = 0.02
/** Å. An atom put onto a special position further away than rounding explains. */
const MOVED = 0.05
/** Occupancies of one element on one site that add up to more are those of one atom that is listed twice. */
const REPEATED = 1.15

/**
 * All atoms of the cell, in the order of the rows. Coordinates are in [0, 1) where there is symmetry, and as listed where
 * there is none.
 * @throws LimitError for more than `maxSites` sites; StructureError when atoms of different elements are put on one place.
 */
export function expandSites(
  lattice: Mat3,
  atoms: readonly ListedAtom[],
  operations: readonly Operation[],
  maxSites: number,
): ExpandedSites {
  const warnings = new Set<string>()
  const frac: Vec3[] = []
  const occupants: ListedAtom[][] = []
  const multiplicities: number[] = []
  const square = nearSquare(lattice)
  const [height] = heights(lattice)
  const moved: { label: string; by: number }[] = []
  const grid = pointGrid(lattice, SAME_SITE, atoms.length * operations.length)
  const totals = occupanciesOfPlaces(atoms)
  const numbers = numbersOf(operations)
  for (const [n, atom] of atoms.entries()) {
    const radius = totals[n] > 0.5 ? SAME_IMAGE : SAME_IMAGE_SPLIT
    const { images, by } = orbit(atom.frac, numbers, { square, radius, height })
    if (by > MOVED) moved.push({ label: atom.label, by })
    multiplicities.push(images.length)
    const alone = [atom]
    for (const image of images) {
      const site = grid.near(image)[0]
      if (site === undefined) {
        grid.add(image)
        frac.push(image)
        occupants.push(alone)
        if (frac.length > maxSites) throw new LimitError(`more than ${maxSites} atoms in the cell`)
      } else if (occupants[site].length === 1) occupants[site] = [...occupants[site], atom]
      else occupants[site].push(atom)
    }
  }
  if (moved.length > 0) {
    const { label, by } = moved.reduce((most, m) => (m.by > most.by ? m : most))
    const others = moved.length > 1 ? `, and ${moved.length - 1} others less far` : ''
    warnings.add(`${label} was moved by ${by.toFixed(2)} Å onto the special position it is close to${others}`)
  }
  // Images of an atom that shares its sites with no other have one site in common.
  const sites = new Map<readonly ListedAtom[], Site>()
  for (const rows of occupants) if (!sites.has(rows)) sites.set(rows, shared(rows, warnings))
  const species = occupants.map((rows) => sites.get(rows)!)
  return { frac, species, multiplicities, warnings: [...warnings] }
}

/** What tells whether two points are one: within the radius, Å, by squared distances. */
interface Nearness {
  readonly square: ReturnType<typeof nearSquare>
  readonly radius: number
  /** Å between the faces of the cell along a: points that differ by more of x are no neighbours, whatever y and z. */
  readonly height: number
}

/** Of every atom, the occupancies that have its coordinates as written: those of one site are on the same special position. */
function occupanciesOfPlaces(atoms: readonly ListedAtom[]): readonly number[] {
  const places = atoms.map(({ frac }) => frac.map((x) => Math.round(x * 1e4)).join())
  const totals = new Map<string, number>()
  for (const [n, { occupancy }] of atoms.entries()) {
    totals.set(places[n], (totals.get(places[n]) ?? 0) + occupancy)
  }
  return places.map((place) => totals.get(place)!)
}

/** The distinct images of an atom at `x`, and by how many Å it was moved onto a special position. */
function orbit(
  x: Vec3,
  operations: Float64Array,
  nearness: Nearness,
): { images: readonly Vec3[]; by: number } {
  if (operations.length === NUMBERS_EACH) return { images: [x], by: 0 }
  const special = specialPosition(x, operations, nearness)
  const [a, b, c] = special
  const images: Vec3[] = []
  for (let o = 0; o < operations.length; o += NUMBERS_EACH) {
    const u = wrapOne(along(operations, o, 0, a, b, c))
    const v = wrapOne(along(operations, o, 1, a, b, c))
    const w = wrapOne(along(operations, o, 2, a, b, c))
    if (!isAmong(u, v, w, images, nearness)) images.push([u, v, w])
  }
  const moved = nearness.square(a - x[0], b - x[1], c - x[2])
  return { images, by: Math.sqrt(moved) }
}

/** W x + w of the operation whose numbers begin at `o`, along one axis. */
function along(n: Float64Array, o: number, axis: number, x: number, y: number, z: number): number {
  const row = o + 3 * axis
  return n[row] * x + n[row + 1] * y + n[row + 2] * z + n[o + 9 + axis]
}

function isAmong(
  x: number,
  y: number,
  z: number,
  images: readonly Vec3[],
  { square, radius, height }: Nearness,
): boolean {
  const reach = radius / height
  for (let n = 0; n < images.length; n++) {
    const image = images[n]
    const dx = x - image[0]
    if (Math.abs(dx - Math.round(dx)) > reach) continue
    if (square(dx, y - image[1], z - image[2]) < radius * radius) return true
  }
  return false
}

/**
 * The point of highest site symmetry within reach of `x`: the mean of those of its images that coincide with it, which
 * is where all operations that bring x back to itself leave it. Repeated, for the mean may be on more elements than x.
 */
function specialPosition(x: Vec3, operations: Float64Array, { square, radius }: Nearness): Vec3 {
  let here = x
  let order = 0
  for (;;) {
    const sum: [number, number, number] = [0, 0, 0]
    let count = 0
    for (let o = 0; o < operations.length; o += NUMBERS_EACH) {
      const u = along(operations, o, 0, here[0], here[1], here[2]) - here[0]
      const v = along(operations, o, 1, here[0], here[1], here[2]) - here[1]
      const w = along(operations, o, 2, here[0], here[1], here[2]) - here[2]
      if (square(u, v, w) >= radius * radius) continue
      count++
      sum[0] += u - Math.round(u)
      sum[1] += v - Math.round(v)
      sum[2] += w - Math.round(w)
    }
    if (count <= order) return here
    order = count
    here = [here[0] + sum[0] / count, here[1] + sum[1] / count, here[2] + sum[2] / count]
  }
}

/** What sits on a site that these rows share. */
function shared(atoms: readonly ListedAtom[], warnings: Set<string>): Site {
  const [{ element, occupancy }] = atoms
  if (atoms.length === 1 && occupancy <= 1) return [{ element, occupancy }]
  const labels = [...new Set(atoms.map((a) => a.label))].join(', ')
  const total = atoms.reduce((sum, { occupancy }) => sum + occupancy, 0)
  if (atoms.length > 1 && total > REPEATED && atoms.every((a) => a.element === element)) {
    warnings.add(`${labels} are the same atom listed more than once; one is kept`)
    const largest = atoms.reduce((best, a) => (a.occupancy > best.occupancy ? a : best))
    return siteOf([largest], labels, (message) => warnings.add(message))
  }
  return siteOf(atoms, labels, (message) => warnings.add(message))
}
