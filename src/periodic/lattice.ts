// Vectors of a lattice: Cartesian positions, reciprocal vectors, plane spacings, axes that make it triangular.
// Everything in float64 and Å. Not here: which translations are summed over (neighbours.ts).

import { cellVolume, type Structure } from '../crystal/structure.ts'
import { cross, dot, length, type Mat3, minus, negated, scaled, unit, type Vec3 } from '../math/vectors.ts'

/** Å by which a step of a reduction has to shorten a vector. */
const SHORTER = 1e-5
/** Steps of a reduction at most; each shortens a vector, and the lattice of a file takes a few. */
const MAX_STEPS = 1000

/**
 * Positions p_i = frac_i · L in Å, flat [atoms · 3]. Not wrapped into the cell: displacements and lattice
 * translations are counted from the coordinates as they are given.
 */
export function cartesianPositions(structure: Structure): Float64Array {
  const { frac, lattice } = structure
  const [a, b, c] = lattice
  const positions = new Float64Array(frac.length * 3)
  for (let i = 0, at = 0; i < frac.length; i++) {
    const [f1, f2, f3] = frac[i]
    for (let x = 0; x < 3; x++) positions[at++] = f1 * a[x] + f2 * b[x] + f3 * c[x]
  }
  return positions
}

/** The same positions along other orthonormal axes, flat [atoms · 3]. */
export function alongAxes(positions: Float64Array, axes: Mat3): Float64Array {
  const turned = new Float64Array(positions.length)
  for (let at = 0; at < positions.length; at += 3) {
    for (let x = 0; x < 3; x++) {
      const e = axes[x]
      turned[at + x] = positions[at] * e[0] + positions[at + 1] * e[1] + positions[at + 2] * e[2]
    }
  }
  return turned
}

/** Reciprocal vectors b1, b2, b3 as rows in Å⁻¹, with 2π: l_a · b_m = 2π δ_am, for either handedness. */
export function reciprocalVectors(lattice: Mat3): Mat3 {
  const [a, b, c] = lattice
  const scale = (2 * Math.PI) / cellVolume(lattice)
  return [scaled(cross(b, c), scale), scaled(cross(c, a), scale), scaled(cross(a, b), scale)]
}

/** Distances 2π / |b_m| in Å between neighbouring lattice planes spanned by the other two vectors. */
export function planeSpacings(lattice: Mat3): Vec3 {
  const [a, b, c] = reciprocalVectors(lattice)
  return [(2 * Math.PI) / length(a), (2 * Math.PI) / length(b), (2 * Math.PI) / length(c)]
}

/** A lattice along orthonormal axes in which it is triangular: l1 = (u1, v1, w1), l2 = (0, v2, w2), l3 = (0, 0, w3), Å. */
export interface TriangularLattice {
  /** The axes u, v, w as rows. */
  readonly axes: Mat3
  readonly u1: number
  readonly v1: number
  readonly w1: number
  readonly v2: number
  readonly w2: number
  readonly w3: number
}

/**
 * The lattice with l3 along w and l2 in the plane of v and w; u1, v2 and w3 are positive whatever its handedness.
 * In these axes the translations inside a sphere are an interval of n1, for each n1 one of n2, for each (n1, n2) one of n3.
 */
export function triangularLattice(lattice: Mat3): TriangularLattice {
  const [l1, l2, l3] = lattice
  const w = unit(l3)
  const normal = unit(cross(l2, l3))
  const u = dot(normal, l1) < 0 ? negated(normal) : normal
  const inPlane = cross(w, normal)
  const v = dot(inPlane, l2) < 0 ? negated(inPlane) : inPlane
  return {
    axes: [u, v, w],
    u1: dot(l1, u),
    v1: dot(l1, v),
    w1: dot(l1, w),
    v2: dot(l2, v),
    w2: dot(l2, w),
    w3: dot(l3, w),
  }
}

/** A basis of the lattice none of whose vectors becomes shorter by multiples of another. */
export function reducedLattice(lattice: Mat3): Mat3 {
  const basis: Vec3[] = [...lattice]
  for (let step = 0, shorter = true; shorter && step < MAX_STEPS; step++) {
    shorter = false
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) {
        const multiple = a === b ? 0 : Math.round(dot(basis[a], basis[b]) / dot(basis[b], basis[b]))
        if (multiple === 0) continue
        const next = minus(basis[a], scaled(basis[b], multiple))
        if (length(next) > length(basis[a]) - SHORTER) continue
        basis[a] = next
        shorter = true
      }
    }
  }
  return basis as unknown as Mat3
}
