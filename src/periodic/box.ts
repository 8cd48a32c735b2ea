// Images in a box |n_m| ≤ R_m of lattice translations around every atom: the selection of the published code, kept for
// comparison with it. The box is counted from the coordinates as given; distances play no part in it.

import type { Structure } from '../crystal/structure.ts'
import type { Mat3, Vec3 } from '../math/vectors.ts'
import { boxSize, CUTOFF_MARGIN } from './expected-images.ts'
import { cartesianPositions, planeSpacings } from './lattice.ts'
import type { NeighbourTable } from './types.ts'

/** Table of every image n of every atom pair with |n_m| ≤ range_m, scan order with n3 fastest. */
export function boxTable(structure: Structure, range: Vec3): NeighbourTable {
  const atoms = structure.frac.length
  const positions = cartesianPositions(structure)
  const translations = boxTranslations(structure.lattice, range)
  const images = translations.length / 3
  const perAtom = atoms * images
  const neighbour = new Int32Array(atoms * perAtom)
  const displacement = new Float64Array(3 * atoms * perAtom)
  let at = 0
  for (let i = 0; i < atoms; i++) {
    for (let j = 0; j < atoms; j++) {
      const dx = positions[3 * j] - positions[3 * i]
      const dy = positions[3 * j + 1] - positions[3 * i + 1]
      const dz = positions[3 * j + 2] - positions[3 * i + 2]
      neighbour.fill(j, at, at + images)
      for (let n = 0; n < images; n++, at++) {
        displacement[3 * at] = dx + translations[3 * n]
        displacement[3 * at + 1] = dy + translations[3 * n + 1]
        displacement[3 * at + 2] = dz + translations[3 * n + 2]
      }
    }
  }
  return {
    atoms,
    offsets: Int32Array.from({ length: atoms + 1 }, (_, i) => i * perAtom),
    neighbour,
    displacement,
  }
}

/** The box of the largest cutoff, each image with the cutoff beyond which the published code sums over it. */
export function adaptiveBoxTable(structure: Structure, minimum: number, range: Vec3): NeighbourTable {
  const table = boxTable(structure, range)
  const ofTranslation = boxReach(structure.lattice, minimum, range)
  const reach = new Float64Array(table.neighbour.length)
  for (let at = 0; at < reach.length; at += ofTranslation.length) reach.set(ofTranslation, at)
  return { ...table, reach }
}

/** Cartesian translations n·L of the box in Å, flat [images · 3]. */
export function boxTranslations(lattice: Mat3, range: Vec3): Float64Array {
  const [l1, l2, l3] = lattice
  const translations = new Float64Array(3 * boxSize(range))
  let at = 0
  forEachInBox(range, (n1, n2, n3) => {
    for (let x = 0; x < 3; x++) translations[at++] = n1 * l1[x] + n2 * l2[x] + n3 * l3[x]
  })
  return translations
}

/**
 * Per translation the cutoff c (Å) that it must stay below to be summed over. R_m(c) ≥ |n_m| exactly when
 * |n_m| ≤ minimum or c > (|n_m| − 1)·2π/|b_m| − 0.01, so the largest of these over m decides.
 */
function boxReach(lattice: Mat3, minimum: number, range: Vec3): Float64Array {
  const spacing = planeSpacings(lattice)
  const along = (m: number, n: number) =>
    Math.abs(n) > minimum ? (Math.abs(n) - 1) * spacing[m] - CUTOFF_MARGIN : 0
  const reach = new Float64Array(boxSize(range))
  let at = 0
  forEachInBox(range, (n1, n2, n3) => {
    reach[at++] = Math.max(0, along(0, n1), along(1, n2), along(2, n3))
  })
  return reach
}

function forEachInBox([r1, r2, r3]: Vec3, visit: (n1: number, n2: number, n3: number) => void): void {
  for (let n1 = -r1; n1 <= r1; n1++) {
    for (let n2 = -r2; n2 <= r2; n2++) {
      for (let n3 = -r3; n3 <= r3; n3++) visit(n1, n2, n3)
    }
  }
}
