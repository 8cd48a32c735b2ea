// From the atoms of the asymmetric unit to all atoms of the cell: images of one atom on a special position are merged
// and put exactly onto it, occupants listed in rows of their own are merged into one disordered site.
// Not here: where the operations come from.

import { LimitError } from '../../errors.ts'
import type { Mat3, Vec3 } from '../../math/vectors.ts'
import { nearSquare, wrap } from '../cell.ts'
import { siteOf } from '../occupancy.ts'
import { pointGrid } from '../point-grid.ts'
import type { Site } from '../structure.ts'
import { apply, type Operation } from './operation.ts'

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
  const moved: { label: string; by: number }[] = []
  const grid = pointGrid(lattice, SAME_SITE, atoms.length * operations.length)
  const totals = occupancyByPlace(atoms)
  for (const atom of atoms) {
    const radius = totals.get(place(atom))! > 0.5 ? SAME_IMAGE : SAME_IMAGE_SPLIT
    const { images, by } = orbit(atom.frac, operations, square, radius ** 2)
    if (by > MOVED) moved.push({ label: atom.label, by })
    multiplicities.push(images.length)
    for (const image of images) {
      const site = grid.near(image)[0]
      if (site === undefined) {
        grid.add(image)
        frac.push(image)
        occupants.push([atom])
        if (frac.length > maxSites) throw new LimitError(`more than ${maxSites} atoms in the cell`)
      } else occupants[site].push(atom)
    }
  }
  if (moved.length > 0) {
    const { label, by } = moved.reduce((most, m) => (m.by > most.by ? m : most))
    const others = moved.length > 1 ? `, and ${moved.length - 1} others less far` : ''
    warnings.add(`${label} was moved by ${by.toFixed(2)} Å onto the special position it is close to${others}`)
  }
  const species = occupants.map((rows) => shared(rows, warnings))
  return { frac, species, multiplicities, warnings: [...warnings] }
}

type Square = ReturnType<typeof nearSquare>

/** Occupancies by coordinates as written: occupants of one site are on the same special position. */
function occupancyByPlace(atoms: readonly ListedAtom[]): ReadonlyMap<string, number> {
  const totals = new Map<string, number>()
  for (const atom of atoms) totals.set(place(atom), (totals.get(place(atom)) ?? 0) + atom.occupancy)
  return totals
}

function place({ frac }: ListedAtom): string {
  return frac.map((x) => x.toFixed(4)).join()
}

/** The distinct images of an atom at `x`, and by how many Å it was moved onto a special position. */
function orbit(
  x: Vec3,
  operations: readonly Operation[],
  square: Square,
  radius2: number,
): { images: readonly Vec3[]; by: number } {
  if (operations.length === 1) return { images: [x], by: 0 }
  const special = specialPosition(x, operations, square, radius2)
  const images: Vec3[] = []
  for (const operation of operations) {
    const y = wrap(apply(operation, special))
    if (!images.some((z) => square(y[0] - z[0], y[1] - z[1], y[2] - z[2]) < radius2)) images.push(y)
  }
  return { images, by: Math.sqrt(square(special[0] - x[0], special[1] - x[1], special[2] - x[2])) }
}

/**
 * The point of highest site symmetry within reach of `x`: the mean of those of its images that coincide with it, which
 * is where all operations that bring x back to itself leave it. Repeated, for the mean may be on more elements than x.
 */
function specialPosition(x: Vec3, operations: readonly Operation[], square: Square, radius2: number): Vec3 {
  let here = x
  let order = 0
  for (;;) {
    const sum: [number, number, number] = [0, 0, 0]
    let count = 0
    for (const operation of operations) {
      const y = apply(operation, here)
      const d: Vec3 = [y[0] - here[0], y[1] - here[1], y[2] - here[2]]
      if (square(d[0], d[1], d[2]) >= radius2) continue
      count++
      for (let k = 0; k < 3; k++) sum[k] += d[k] - Math.round(d[k])
    }
    if (count <= order) return here
    order = count
    here = [here[0] + sum[0] / count, here[1] + sum[1] / count, here[2] + sum[2] / count]
  }
}

/** What sits on a site that these rows share. */
function shared(atoms: readonly ListedAtom[], warnings: Set<string>): Site {
  const labels = [...new Set(atoms.map((a) => a.label))].join(', ')
  const total = atoms.reduce((sum, { occupancy }) => sum + occupancy, 0)
  const [{ element }] = atoms
  if (atoms.length > 1 && total > REPEATED && atoms.every((a) => a.element === element)) {
    warnings.add(`${labels} are the same atom listed more than once; one is kept`)
    const largest = atoms.reduce((best, a) => (a.occupancy > best.occupancy ? a : best))
    return siteOf([largest], labels, (message) => warnings.add(message))
  }
  return siteOf(atoms, labels, (message) => warnings.add(message))
}
