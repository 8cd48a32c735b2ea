// Geometry of one cell: lengths and angles to lattice rows and back, Cartesian to fractional and back, distances.
// Not here: sums over periodic images and reciprocal vectors, which are src/periodic.

import { StructureError } from '../errors.ts'
import { cross, dot, length, type Mat3, times, type Vec3 } from '../math/vectors.ts'
import { cellVolume } from './structure.ts'

/** Lengths a, b, c in Å and angles alpha, beta, gamma in degrees. */
export type CellParameters = readonly [
  a: number,
  b: number,
  c: number,
  alpha: number,
  beta: number,
  gamma: number,
]

const RADIANS = Math.PI / 180

/**
 * Lattice rows of a cell, a along x and b in the xy plane (International Tables B, 3.3.1).
 * @throws StructureError when a length is not positive or no cell has these angles.
 */
export function latticeFromParameters([a, b, c, alpha, beta, gamma]: CellParameters): Mat3 {
  for (const [name, x] of [['a', a] as const, ['b', b] as const, ['c', c] as const]) {
    if (!(x > 0 && x < Infinity))
      throw new StructureError(`cell length ${name} = ${x} Å, expected a positive number`)
  }
  for (const [name, x] of [['alpha', alpha] as const, ['beta', beta] as const, ['gamma', gamma] as const]) {
    if (!(x > 0 && x < 180))
      throw new StructureError(`cell angle ${name} = ${x}°, expected between 0 and 180`)
  }
  const [ca, cb, cg] = [cosine(alpha), cosine(beta), cosine(gamma)]
  const sg = Math.sqrt(1 - cg * cg)
  const cy = (ca - cb * cg) / sg
  const cz2 = 1 - cb * cb - cy * cy
  if (!(cz2 > 0)) {
    throw new StructureError(`no cell has the angles alpha = ${alpha}°, beta = ${beta}°, gamma = ${gamma}°`)
  }
  return [
    [a, 0, 0],
    [b * cg, b * sg, 0],
    [c * cb, c * cy, c * Math.sqrt(cz2)],
  ]
}

/** Exact where crystals need it: cos 90° = 0, cos 60° = 1/2, cos 120° = −1/2. */
function cosine(degrees: number): number {
  if (degrees === 90) return 0
  if (degrees === 60) return 0.5
  if (degrees === 120) return -0.5
  return Math.cos(degrees * RADIANS)
}

/** Lengths in Å and angles in degrees of a lattice. */
export function latticeParameters(lattice: Mat3): CellParameters {
  const [a, b, c] = lattice
  return [length(a), length(b), length(c), angle(b, c), angle(a, c), angle(a, b)]
}

/** Volume of the cell in Å³, positive for either handedness. */
export function volume(lattice: Mat3): number {
  return Math.abs(cellVolume(lattice))
}

/** Fractional to Cartesian coordinates in Å: f · L. */
export function toCartesian(f: Vec3, lattice: Mat3): Vec3 {
  return times(f, lattice)
}

/**
 * A function from Cartesian coordinates in Å to fractional ones.
 * @throws StructureError when the lattice is singular.
 */
export function fractionalOf(lattice: Mat3): (r: Vec3) => Vec3 {
  const v = cellVolume(lattice)
  if (v === 0 || !Number.isFinite(v)) throw new StructureError('lattice is singular: cell volume 0 Å³')
  const [a, b, c] = lattice
  const [p, q, s] = [cross(b, c), cross(c, a), cross(a, b)]
  return (r) => [dot(r, p) / v, dot(r, q) / v, dot(r, s) / v]
}

/** Distances between opposite faces of the cell, Å. */
export function heights(lattice: Mat3): Vec3 {
  const [a, b, c] = lattice
  const v = volume(lattice)
  return [v / length(cross(b, c)), v / length(cross(c, a)), v / length(cross(a, b))]
}

/** The same point in [0, 1)³; values within 1e-12 of 1 become 0. */
export function wrap(f: Vec3): Vec3 {
  return [wrapOne(f[0]), wrapOne(f[1]), wrapOne(f[2])]
}

/** The same of one coordinate. */
export function wrapOne(x: number): number {
  const w = x - Math.floor(x)
  return w > 1 - 1e-12 ? 0 : w
}

/** A function that gives the squared length of a fractional vector, Å². */
export function squareOf(lattice: Mat3): (x: number, y: number, z: number) => number {
  const [a, b, c] = lattice
  const [aa, bb, cc, bc, ac, ab] = [
    dot(a, a),
    dot(b, b),
    dot(c, c),
    2 * dot(b, c),
    2 * dot(a, c),
    2 * dot(a, b),
  ]
  return (x, y, z) => aa * x * x + bb * y * y + cc * z * z + bc * y * z + ac * x * z + ab * x * y
}

/**
 * A function that gives, in Å², the squared length of a fractional difference after its components are brought into
 * [−½, ½]. This is the squared distance between nearest images whenever that distance is small against the heights of
 * the cell.
 */
export function nearSquare(lattice: Mat3): (dx: number, dy: number, dz: number) => number {
  const square = squareOf(lattice)
  return (dx, dy, dz) => square(dx - Math.round(dx), dy - Math.round(dy), dz - Math.round(dz))
}

function angle(u: Vec3, v: Vec3): number {
  const cos = dot(u, v) / (length(u) * length(v))
  return Math.acos(Math.max(-1, Math.min(1, cos))) / RADIANS
}
