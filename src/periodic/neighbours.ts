// Neighbour tables: which enumeration, and bounds on what it may take. The enumerations themselves are in
// sphere.ts, sphere-by-bins.ts and box.ts.

import type { Structure } from '../crystal/structure.ts'
import { LimitError, StructureError } from '../errors.ts'
import type { Vec3 } from '../math/vectors.ts'
import { adaptiveBoxTable, boxTable } from './box.ts'
import { adaptiveRange, boxSize, expectedImages } from './expected-images.ts'
import { planeSpacings } from './lattice.ts'
import { sphereTable } from './sphere.ts'
import { sphereTableByBins } from './sphere-by-bins.ts'
import type { ImageSelection, NeighbourTable } from './types.ts'

/** Images of one table at most: they take half a gigabyte, seventy times what a thousand atoms need at 10 Å. */
export const MAX_IMAGES = 2 ** 24
/** Lattice translations within reach of one atom at most; a cell of 1 Å³ has some ten thousand at 10 Å. */
const MAX_TRANSLATIONS = 1e6
/** Beyond this many cells from the origin a coordinate has lost the digits that geometry needs. */
const MAX_COORDINATE = 1e6
/** Cells with more atoms than this are faster by cell lists (measured at 10 Å: 200 to 400). */
const PAIRWISE_ATOMS = 256

/**
 * The periodic images of every atom of a crystal: displacements p_j + n·L − p_i in Å and float64, for atom i in
 * ascending j, within j in scan order of n (n1, n2, n3; n3 fastest). Coordinates are not wrapped first.
 *
 * @throws LimitError when the table would hold more than MAX_IMAGES images, or the cell is flat beyond use.
 * @throws StructureError for a coordinate too far from the cell.
 */
export function neighbourTable(structure: Structure, selection: ImageSelection): NeighbourTable {
  const atoms = structure.frac.length
  switch (selection.kind) {
    case 'sphere': {
      const { radius } = selection
      const { expected, accept } = checkSphere(structure, selection)
      return atoms <= PAIRWISE_ATOMS
        ? sphereTable(structure, radius, expected)
        : sphereTableByBins(structure, radius, expected, accept)
    }
    case 'box': {
      checkCoordinates(structure)
      const range: Vec3 = [selection.range, selection.range, selection.range]
      checkBox(atoms, range)
      return boxTable(structure, range)
    }
    case 'adaptive-box': {
      checkCoordinates(structure)
      const range = adaptiveRange(structure.lattice, selection.minimum, selection.max_cutoff)
      checkBox(atoms, range)
      return adaptiveBoxTable(structure, selection.minimum, range)
    }
  }
}

/**
 * Refuses a crystal whose images in a sphere are too many, or too hard to find. Gives how many are expected, and what
 * refuses more of them than that.
 * @throws LimitError, StructureError as neighbourTable
 */
export function checkSphere(
  structure: Structure,
  selection: Extract<ImageSelection, { kind: 'sphere' }>,
): { readonly expected: number; readonly accept: (images: number) => void } {
  checkCoordinates(structure)
  const { radius } = selection
  const accept = (images: number) =>
    checkImages(images, structure.frac.length, `within ${radius} Å`, 'use a smaller radius or a smaller cell')
  const expected = expectedImages(structure, selection)
  accept(expected)
  checkFlatness(structure, radius)
  return { expected, accept }
}

function checkBox(atoms: number, range: Vec3): void {
  const next = 'a box grows with the square of the atoms: use a model exported in converged mode'
  checkImages(atoms * atoms * boxSize(range), atoms, `in the box |n_m| ≤ ${range.join(', ')}`, next)
}

function checkImages(images: number, atoms: number, where: string, next: string): void {
  if (images <= MAX_IMAGES) return
  const found = `${atoms} atoms have ${Math.round(images).toLocaleString('en-US')} images ${where}`
  throw new LimitError(`${found}, at most ${MAX_IMAGES.toLocaleString('en-US')} are allowed; ${next}`)
}

function checkFlatness({ lattice }: Structure, radius: number): void {
  const spacings = planeSpacings(lattice)
  const translations = spacings.reduce((product, h) => product * (2 * Math.ceil(radius / h) + 1), 1)
  if (translations <= MAX_TRANSLATIONS) return
  throw new LimitError(
    `lattice planes lie ${spacings.map((h) => h.toPrecision(3)).join(', ')} Å apart, too close for a radius of ` +
      `${radius} Å; describe the crystal in a reduced (Niggli) cell`,
  )
}

function checkCoordinates({ frac }: Structure): void {
  for (let i = 0; i < frac.length; i++) {
    for (const x of frac[i]) {
      if (Math.abs(x) <= MAX_COORDINATE) continue
      throw new StructureError(
        `site ${i + 1}: fractional coordinate ${x} is more than ${MAX_COORDINATE} cells away; wrap it into the cell`,
      )
    }
  }
}
