// What the 3D view is handed: finished atoms, bonds and bodies of a crystal, and what one atom attends to.

import type { Mat3, Vec3 } from '../math/vectors.ts'
import type { DrawnAtom } from './expand.ts'
import type { Polyhedron } from './polyhedra.ts'
import type { Wedge } from './wedges.ts'

/** A periodic image that an atom looks at. */
export interface DrawnImage {
  readonly site: number
  readonly element: number
  /** Å */
  readonly position: Vec3
  /** of the largest weight that is drawn, in (0, 1] */
  readonly strength: number
}

export interface DrawnCrystal {
  readonly lattice: Mat3
  readonly cells: number
  readonly atoms: readonly DrawnAtom[]
  readonly bonds: readonly (readonly [number, number])[]
  /** by site: how a mixed one is divided */
  readonly wedges: ReadonlyMap<number, readonly Wedge[]>
  readonly polyhedra: readonly Polyhedron[]
  /** by site, where names are shown */
  readonly names: readonly string[] | undefined
}

export interface DrawnAttention {
  readonly from: DrawnAtom
  readonly images: readonly DrawnImage[]
  /** Unit vectors from the atom. */
  readonly axes: readonly Vec3[]
}
