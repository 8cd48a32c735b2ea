// The door to neighbour tables: which selection of images, and a bound on how many. The enumerations themselves are
// in sphere.ts and box.ts.

import { cellVolume, type Structure } from '../crystal/structure.ts'
import { LimitError } from '../errors.ts'
import { adaptiveBoxTable, adaptiveRange, boxSize, boxTable } from './box.ts'
import { sphereTable } from './sphere.ts'
import type { ImageSelection, NeighbourTable } from './types.ts'

/** Images of one table at most: 2²⁵ take 0.9 GB, a hundred times what a thousand atoms need at 10 Å. */
export const MAX_IMAGES = 2 ** 25

/**
 * The periodic images of every atom of a crystal: displacements p_j + n·L − p_i in Å and float64, for atom i in
 * ascending j, within j in scan order of n (n1, n2, n3; n3 fastest). Coordinates are not wrapped first.
 *
 * @throws LimitError when the table would hold more than MAX_IMAGES images.
 */
export function neighbourTable(structure: Structure, selection: ImageSelection): NeighbourTable {
  const atoms = structure.frac.length
  switch (selection.kind) {
    case 'sphere': {
      const expected = expectedImages(structure, selection.radius)
      checkImages(expected, atoms, `within ${selection.radius} Å`, 'use a smaller radius or a smaller cell')
      return sphereTable(structure, selection.radius, expected)
    }
    case 'box': {
      const { range } = selection
      checkImages(atoms * atoms * boxSize([range, range, range]), atoms, `in the box |n| ≤ ${range}`, SPHERE)
      return boxTable(structure, [range, range, range])
    }
    case 'adaptive-box': {
      const range = adaptiveRange(structure.lattice, selection.minimum, selection.max_cutoff)
      checkImages(atoms * atoms * boxSize(range), atoms, `in the box |n| ≤ ${range.join(', ')}`, SPHERE)
      return adaptiveBoxTable(structure, selection.minimum, range)
    }
  }
}

const SPHERE = 'a box grows with the square of the atoms: use a model exported in converged mode'

/** Images in all spheres together at the density of the cell. */
function expectedImages(structure: Structure, radius: number): number {
  const atoms = structure.frac.length
  return (atoms * atoms * (4 / 3) * Math.PI * radius ** 3) / Math.abs(cellVolume(structure.lattice))
}

function checkImages(images: number, atoms: number, where: string, next: string): void {
  if (images <= MAX_IMAGES) return
  const found = `${atoms} atoms have ${Math.round(images).toLocaleString('en-US')} images ${where}`
  throw new LimitError(`${found}, at most ${MAX_IMAGES.toLocaleString('en-US')} are allowed; ${next}`)
}
