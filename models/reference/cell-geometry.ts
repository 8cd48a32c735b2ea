// Geometry of a cell in float64, straight from its definitions: volume, planes, reciprocal vectors, and the frames that
// follow from the cell alone (docs/mathematics.md §6.2). Part of models/reference/forward.ts; shares no code with src/periodic.

import type { Structure } from '../../src/crystal/structure.ts'
import type { Mat3, Vec3 } from '../../src/math/vectors.ts'
import { eigenvectors } from './axes.ts'
import { cross, dot, minus, plus, scaled, unit, vector } from './vectors.ts'

/** Vectors that differ by less than this share of their length are equally long; smaller cosines are 0. */
const ROUNDING = 1e-9
/** 1 − |cos| of directions, and |cos| to a normal, below which they are parallel, or in the plane. */
const PARALLEL = 1e-5

/** |l1·(l2 × l3)| in Å³. */
export function volumeOf([l1, l2, l3]: Mat3): number {
  return Math.abs(dot(l1, cross(l2, l3)))
}

/** Distances in Å between the lattice planes that the other two vectors span. */
export function spacingsOf(lattice: Mat3): Vec3 {
  const [l1, l2, l3] = lattice
  const area = (a: Vec3, b: Vec3) => Math.sqrt(dot(cross(a, b), cross(a, b)))
  const volume = volumeOf(lattice)
  return [volume / area(l2, l3), volume / area(l3, l1), volume / area(l1, l2)]
}

/** b_m with l_a·b_m = 2π·δ_am, Å⁻¹. */
export function reciprocalOf([l1, l2, l3]: Mat3): Mat3 {
  const factor = (2 * Math.PI) / dot(l1, cross(l2, l3))
  return [scaled(cross(l2, l3), factor), scaled(cross(l3, l1), factor), scaled(cross(l1, l2), factor)]
}

/**
 * Unit vectors along the shortest translation, the shortest that is not parallel to it, and the shortest outside of their
 * plane; the second and third at acute angles to the first, all three turned around where they are left-handed. Not
 * orthogonal. Of equally short ones the first, n1, n2, n3 ascending and n3 fastest.
 */
export function latticeAxes(lattice: Mat3): Mat3 {
  const translations = translationsOf(lattice)
  const shortest = (admitted: (direction: Vec3) => boolean): Vec3 => {
    let best: Vec3 | undefined
    for (const t of translations) {
      const shorter = !best || dot(t, t) < dot(best, best) * (1 - 2 * ROUNDING)
      if (shorter && admitted(unit(t))) best = t
    }
    return unit(best!)
  }
  const first = shortest(() => true)
  const turned = (e: Vec3) => (dot(e, first) < -ROUNDING ? scaled(e, -1) : e)
  const second = turned(shortest((e) => 1 - Math.abs(dot(e, first)) > PARALLEL))
  const normal = unit(cross(first, second))
  const third = turned(shortest((e) => Math.abs(dot(e, normal)) > PARALLEL))
  const hand = dot(third, normal) < 0 ? -1 : 1
  return [scaled(first, hand), scaled(second, hand), scaled(third, hand)]
}

/** Every translation but 0 that is no longer than the longest lattice vector, and some that are. */
function translationsOf(lattice: Mat3): Vec3[] {
  const longest = Math.sqrt(Math.max(...lattice.map((l) => dot(l, l))))
  const [r1, r2, r3] = spacingsOf(lattice).map((spacing) => Math.ceil(longest / spacing))
  const found: Vec3[] = []
  for (let n1 = -r1; n1 <= r1; n1++)
    for (let n2 = -r2; n2 <= r2; n2++)
      for (let n3 = -r3; n3 <= r3; n3++)
        if (n1 !== 0 || n2 !== 0 || n3 !== 0) found.push(combined(lattice, [n1, n2, n3]))
  return found
}

/**
 * Eigenvectors of Σ_i (p_i − p̄)(p_i − p̄)ᵀ over the atoms of the cell, by ascending eigenvalue. The first two point to
 * where Σ ((p_i − p̄)·e)³ is positive, or where that is 0 to the first atom off their plane; e3 = e1 × e2.
 */
export function principalAxesOf({ lattice, frac }: Structure): Mat3 {
  const positions = frac.map((f) => combined(lattice, f))
  const centre = scaled(positions.reduce(plus), 1 / positions.length)
  const arms = positions.map((p) => minus(p, centre))
  const { axes } = eigenvectors(momentOf(arms, () => 1))
  const pointed = (e: Vec3): Vec3 => {
    const along = arms.map((r) => dot(r, e))
    const size = Math.max(...along.map(Math.abs))
    const skew = along.reduce((sum, x) => sum + x ** 3, 0)
    const decides =
      Math.abs(skew) > ROUNDING * size ** 3 ? skew : along.find((x) => Math.abs(x) > ROUNDING * size)
    return decides !== undefined && decides < 0 ? scaled(e, -1) : e
  }
  const [e1, e2] = [pointed(axes[0]), pointed(axes[1])]
  return [e1, e2, cross(e1, e2)]
}

/** Σ_n w_n·r_n r_nᵀ */
export function momentOf(vectors: readonly Vec3[], weight: (n: number) => number): Mat3 {
  const row = (c: number) =>
    vector((d) => vectors.reduce((total, r, n) => total + weight(n) * r[c] * r[d], 0))
  return [row(0), row(1), row(2)]
}

/** x1·l1 + x2·l2 + x3·l3 */
function combined([l1, l2, l3]: Mat3, [x1, x2, x3]: Vec3): Vec3 {
  return vector((c) => x1 * l1[c] + x2 * l2[c] + x3 * l3[c])
}
