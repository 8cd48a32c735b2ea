// A crystal for the fused engine: what is on its sites, which of its atoms differ, and how many images they have. The
// images themselves are made in the memory of the kernels, when it is run.

import type { FusedDescription } from '../../models/fused.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { DeviceError } from '../../src/errors.ts'
import { cellFrame } from '../../src/periodic/cell-frames.ts'
import { occupiedOf, overlapReach, radiiOf, refuseClose, refuseOverlap } from '../../src/periodic/closest.ts'
import { checkSphere } from '../../src/periodic/neighbours.ts'
import { EXACT, mayBeSymmetric, orbitsOf } from '../../src/periodic/orbits.ts'
import { pickedRows, type Sites, sitesOf } from '../../src/periodic/prepare.ts'
import type { Arena } from './arena.ts'
import { type Cell, cellOf, placeCell } from './cell.ts'
import type { Machine } from './machine.ts'

/** Of so many different atoms, every third time one has ties: as often as pays for a run in float64 at once. */
const MANY_ATOMS = 96

/** What is made of the images for all networks of a run. */
export type SharedImages = Pick<FusedDescription, 'geometry' | 'directions' | 'chooses'>

/** Of those atoms that no isometry takes into an earlier one: an exact one where a frame may jump for less. */
export interface FusedCrystal extends Sites {
  readonly cell: Cell
  /** [atoms] numbers in the cell */
  readonly rows: Int32Array
  /** [of the cell] the number among `rows` of the atom that stands for it */
  readonly number: Int32Array
  readonly pairs: number
  readonly images: number
  /** Whether two directions of an atom are likely to be as good as each other, for networks that choose among them. */
  readonly tied: boolean
  /** axes of the cell, for networks that take them */
  readonly frame?: Float64Array
}

/**
 * @param memory to work in
 * @param trusted no atoms lie in each other, which need not be looked for
 * @throws StructureError, ElementError, LimitError
 */
export function fusedCrystal(
  { kernels }: Machine,
  memory: Arena,
  structure: Structure,
  { geometry, chooses }: SharedImages,
  elements: readonly number[],
  trusted: boolean,
): FusedCrystal {
  const sites = sitesOf(structure, elements)
  const { images, symmetry, frame } = geometry
  checkSphere(structure, images)
  const cell = cellOf(structure, images.radius)
  const radii = radiiOf(structure.species)
  const at = {
    radii: memory.placeDoubles(radii),
    occupied: memory.placeDoubles(occupiedOf(structure.species)),
    images: memory.take(cell.atoms),
    pairs: memory.take(cell.atoms),
    sums: memory.takeDoubles(cell.atoms),
    closest: memory.takeDoubles(4),
  }
  const words = placeCell(memory, cell, at)
  if (kernels.survey(words) < 0) {
    const lengths = structure.lattice.map((row) => Math.hypot(...row).toPrecision(3)).join(', ')
    throw new DeviceError(
      `the fused engine refuses the shape of this cell, whose vectors are ${lengths} Å long; is their unit Å?`,
    )
  }
  if (!trusted) {
    const [ratio2, i, j, squared] = memory.doubles(at.closest, 4)
    if (overlapReach(structure) > images.radius) refuseOverlap(structure)
    else refuseClose({ sites: [i, j], distance: Math.sqrt(squared), ratio: Math.sqrt(ratio2) })
  }
  const sums = memory.doubles(at.sums, cell.atoms).slice()
  const first = symmetry && orbitsOf(structure, symmetry, sums, chooses ? EXACT : undefined)
  const { rows, number, shares } = standingFor(first, cell.atoms)
  const sum = (place: number) => {
    let total = 0
    for (const i of rows) total += memory.int(place + i)
    return total
  }
  return {
    atoms: rows.length,
    shares,
    occupants: sites.occupants,
    ...(rows.length === cell.atoms
      ? { species: sites.species, occupancy: sites.occupancy }
      : {
          species: pickedRows(sites.species, sites.occupants, rows),
          occupancy: pickedRows(sites.occupancy, sites.occupants, rows),
        }),
    cell,
    rows,
    number,
    pairs: sum(at.pairs),
    images: sum(at.images),
    tied: chooses && (rows.length >= MANY_ATOMS || mayBeSymmetric(structure.species, sums)),
    ...(frame && { frame: Float64Array.from(cellFrame(structure, frame).flat()) }),
  }
}

/** @param first first atom of the orbit of every atom; each its own without it */
function standingFor(first: Int32Array | undefined, atoms: number) {
  const number = new Int32Array(atoms)
  const rows = new Int32Array(atoms)
  let count = 0
  for (let i = 0; i < atoms; i++) {
    const of = first ? first[i] : i
    number[i] = of === i ? count : number[of]
    if (of === i) rows[count++] = i
  }
  const shares = new Float64Array(count)
  for (const n of number) shares[n] += 1 / atoms
  return { rows: rows.subarray(0, count), number, shares }
}
