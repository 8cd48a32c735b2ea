// How far a selection of images reaches, and how many it holds, before any of them is looked for.

import { cellVolume, type Structure } from '../crystal/structure.ts'
import type { Mat3, Vec3 } from '../math/vectors.ts'
import { planeSpacings } from './lattice.ts'
import type { ImageSelection } from './types.ts'

/** Images of all atoms together: of a box exactly, of a sphere as if the atoms were spread evenly. Finds none of them. */
export function expectedImages({ lattice, frac }: Structure, selection: ImageSelection): number {
  const pairs = frac.length * frac.length
  switch (selection.kind) {
    case 'sphere':
      return (pairs * (4 / 3) * Math.PI * selection.radius ** 3) / Math.abs(cellVolume(lattice))
    case 'box':
      return pairs * (2 * selection.range + 1) ** 3
    case 'adaptive-box':
      return pairs * boxSize(adaptiveRange(lattice, selection.minimum, selection.max_cutoff))
  }
}

/** The published code widens every cutoff by this much, Å. */
export const CUTOFF_MARGIN = 0.01

/** R_m = max(minimum, ceil((cutoff + 0.01)·|b_m|/2π)) of the published adaptive box; docs/mathematics.md, section 3. */
export function adaptiveRange(lattice: Mat3, minimum: number, cutoff: number): Vec3 {
  const [h1, h2, h3] = planeSpacings(lattice)
  const range = (h: number) => Math.max(minimum, Math.ceil((cutoff + CUTOFF_MARGIN) / h))
  return [range(h1), range(h2), range(h3)]
}

/** Images in a box of one atom. */
export function boxSize([r1, r2, r3]: Vec3): number {
  return (2 * r1 + 1) * (2 * r2 + 1) * (2 * r3 + 1)
}
