// Atoms of a large cell sorted into fractional bins, so that the neighbours of an atom are looked for in a few of them
// (sphere-by-bins.ts).

import type { Structure } from '../crystal/structure.ts'
import type { Vec3 } from '../math/vectors.ts'
import { boxTranslations } from './box.ts'
import { alongAxes, cartesianPositions, planeSpacings, triangularLattice } from './lattice.ts'

/** Bins per radius along each axis. Bins along the third follow one another in memory, so fine ones cost nothing. */
const BINS_PER_RADIUS: Vec3 = [2, 2, 9]
/** Bins at most, per atom: a few atoms in a large vacuum must not ask for millions of empty bins. */
const BINS_PER_ATOM = 16

/** Atoms moved into the cell and sorted by bin, bins with the third axis fastest. */
export interface Bins {
  readonly radius: number
  /** Extents of one bin: du1 along u, dv1 along v, … of its edge along l1; dv2, dw2 along l2; dw3 along l3, Å. */
  readonly extent: Readonly<Record<'du1' | 'dv1' | 'dw1' | 'dv2' | 'dw2' | 'dw3', number>>
  /** Bins along each axis. */
  readonly counts: Vec3
  /** [bins + 1] first place of each bin */
  readonly start: Int32Array
  /** [atoms] atom at each place */
  readonly atomAt: Int32Array
  /** [atoms] place of each atom */
  readonly placeOf: Int32Array
  /** [atoms · 3] position of the atom at each place, moved into [0, 1)³, Å */
  readonly position: Float64Array
  /** [atoms · 3] the same along the triangular axes */
  readonly turned: Float64Array
  /** Largest |n_m| of an image in the sphere of an atom in the cell. */
  readonly range: Vec3
  /** [box of `range` · 3] n·L in Å */
  readonly translations: Float64Array
}

export function binAtoms(structure: Structure, radius: number): Bins {
  const { frac, lattice } = structure
  const spacings = planeSpacings(lattice)
  const wanted = spacings.map((h, m) => Math.max(1, (h * BINS_PER_RADIUS[m]) / radius))
  const shrink = Math.min(1, Math.cbrt((BINS_PER_ATOM * frac.length) / (wanted[0] * wanted[1] * wanted[2])))
  const counts = vec3((m) => Math.max(1, Math.floor(wanted[m] * shrink)))
  const wrapped = frac.map((f) => vec3((m) => f[m] - Math.floor(f[m])))
  // A coordinate of −1e−17 wraps to 1 exactly: the last bin takes it.
  const bin = (f: Vec3, m: number) => Math.min(counts[m] - 1, Math.floor(f[m] * counts[m]))
  const binOf = Int32Array.from(wrapped, (f) => (bin(f, 0) * counts[1] + bin(f, 1)) * counts[2] + bin(f, 2))
  const { start, order, placeOf } = sortByBin(binOf, counts[0] * counts[1] * counts[2])

  const { axes, u1, v1, w1, v2, w2, w3 } = triangularLattice(lattice)
  const position = cartesianPositions({ ...structure, frac: Array.from(order, (i) => wrapped[i]) })
  const range = vec3((m) => Math.ceil(radius / spacings[m]))
  return {
    radius,
    extent: {
      du1: u1 / counts[0],
      dv1: v1 / counts[0],
      dw1: w1 / counts[0],
      dv2: v2 / counts[1],
      dw2: w2 / counts[1],
      dw3: w3 / counts[2],
    },
    counts,
    start,
    atomAt: order,
    placeOf,
    position,
    turned: alongAxes(position, axes),
    range,
    translations: boxTranslations(lattice, range),
  }
}

/** Counting sort, stable: atoms of one bin stay in ascending order. */
function sortByBin(binOf: Int32Array, bins: number) {
  const start = new Int32Array(bins + 1)
  for (const bin of binOf) start[bin + 1]++
  for (let bin = 0; bin < bins; bin++) start[bin + 1] += start[bin]
  const next = start.slice()
  const placeOf = binOf.map((bin) => next[bin]++)
  const order = new Int32Array(binOf.length)
  placeOf.forEach((place, i) => {
    order[place] = i
  })
  return { start, order, placeOf }
}

function vec3(component: (m: number) => number): Vec3 {
  return [component(0), component(1), component(2)]
}
