// Vectors of three numbers and 3×3 matrices of plain numbers, in float64. Rows first: a matrix is its three rows, and a
// vector is a row that is multiplied from the left. Not here: vectors in flat arrays, which loops take apart themselves.

export type Vec3 = readonly [number, number, number]
/** Three rows; of a lattice its vectors a, b, c in Å. */
export type Mat3 = readonly [Vec3, Vec3, Vec3]

export const UNIT_MATRIX: Mat3 = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]

export function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

export function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

export function length(a: Vec3): number {
  return Math.hypot(a[0], a[1], a[2])
}

export function plus(a: Vec3, b: Vec3): Vec3 {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

export function minus(a: Vec3, b: Vec3): Vec3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

export function negated([x, y, z]: Vec3): Vec3 {
  return [-x, -y, -z]
}

export function scaled([x, y, z]: Vec3, factor: number): Vec3 {
  return [x * factor, y * factor, z * factor]
}

/** a/|a| */
export function unit(a: Vec3): Vec3 {
  const norm = length(a)
  return [a[0] / norm, a[1] / norm, a[2] / norm]
}

/** v · M: the sum of the rows of M, v_m times row m. */
export function times(v: Vec3, [a, b, c]: Mat3): Vec3 {
  return [
    v[0] * a[0] + v[1] * b[0] + v[2] * c[0],
    v[0] * a[1] + v[1] * b[1] + v[2] * c[1],
    v[0] * a[2] + v[1] * b[2] + v[2] * c[2],
  ]
}

/** A · B */
export function product([a1, a2, a3]: Mat3, b: Mat3): Mat3 {
  return [times(a1, b), times(a2, b), times(a3, b)]
}

/** det(M), which is exact for integers. */
export function determinant([a, b, c]: Mat3): number {
  return (
    a[0] * (b[1] * c[2] - b[2] * c[1]) +
    a[1] * (b[2] * c[0] - b[0] * c[2]) +
    a[2] * (b[0] * c[1] - b[1] * c[0])
  )
}

/** adj(M) with M · adj(M) = det(M) · 1; exact for integers. */
export function adjugate([a, b, c]: Mat3): Mat3 {
  return [
    [b[1] * c[2] - b[2] * c[1], a[2] * c[1] - a[1] * c[2], a[1] * b[2] - a[2] * b[1]],
    [b[2] * c[0] - b[0] * c[2], a[0] * c[2] - a[2] * c[0], a[2] * b[0] - a[0] * b[2]],
    [b[0] * c[1] - b[1] * c[0], a[1] * c[0] - a[0] * c[1], a[0] * b[1] - a[1] * b[0]],
  ]
}

/** M⁻¹; not finite for a singular one. */
export function inverse(m: Mat3): Mat3 {
  const det = determinant(m)
  return mapEntries(adjugate(m), (x) => x / det)
}

/** A matrix of a function of every entry. */
export function mapEntries([a, b, c]: Mat3, of: (x: number) => number): Mat3 {
  const row = ([x, y, z]: Vec3): Vec3 => [of(x), of(y), of(z)]
  return [row(a), row(b), row(c)]
}
