// Vectors of a lattice: Cartesian positions, reciprocal vectors, plane spacings, an orthonormal frame.
// Everything in float64 and Å. Not here: which translations are summed over (neighbours.ts).

import { cellVolume, type Mat3, type Structure, type Vec3 } from '../crystal/structure.ts'

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
  const times = (v: Vec3): Vec3 => [v[0] * scale, v[1] * scale, v[2] * scale]
  return [times(cross(b, c)), times(cross(c, a)), times(cross(a, b))]
}

/** Distances 2π / |b_m| in Å between neighbouring lattice planes spanned by the other two vectors. */
export function planeSpacings(lattice: Mat3): Vec3 {
  const [a, b, c] = reciprocalVectors(lattice)
  return [(2 * Math.PI) / length(a), (2 * Math.PI) / length(b), (2 * Math.PI) / length(c)]
}

/**
 * Orthonormal axes (rows) in which the lattice is triangular: l3 lies along the third axis, l2 in the plane of the
 * second and third. In them the translations inside a sphere are an interval of n1, then of n2, then of n3.
 */
export function triangularAxes(lattice: Mat3): Mat3 {
  const [l1, l2, l3] = lattice
  const e3 = unit(l3)
  const e1 = unit(cross(l2, l3))
  const e2 = cross(e3, e1)
  // e1 and e2 point along l1 and l2, so that the diagonal of the triangular lattice is positive.
  return [dot(e1, l1) < 0 ? negate(e1) : e1, dot(e2, l2) < 0 ? negate(e2) : e2, e3]
}

export function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

export function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

export function length(a: Vec3): number {
  return Math.hypot(a[0], a[1], a[2])
}

function unit(a: Vec3): Vec3 {
  const norm = length(a)
  return [a[0] / norm, a[1] / norm, a[2] / norm]
}

function negate(a: Vec3): Vec3 {
  return [-a[0], -a[1], -a[2]]
}
