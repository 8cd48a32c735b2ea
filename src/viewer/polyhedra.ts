// Coordination polyhedra: around every atom whose nearest neighbours are all more electronegative, the convex hull of those.
// Neighbours across the faces of the cell are among them.

import { toCartesian, wrap } from '../crystal/cell.ts'
import { electronegativity } from '../crystal/electronegativity.ts'
import type { Structure } from '../crystal/structure.ts'
import type { Vec3 } from '../math/vectors.ts'
import { mainElement } from './expand.ts'

export interface Polyhedron {
  /** of the atom in it */
  readonly element: number
  readonly corners: readonly Vec3[]
  /** corners of each face, in order around it */
  readonly faces: readonly (readonly number[])[]
}

/** Neighbours are those within so much of the nearest one. */
const SHELL = 1.25
/** Å */
const REACH = 3.6
const CORNERS = { least: 4, most: 14 }
/** More sites than this take long, and are too many to be seen. */
export const POLYHEDRA_SITES = 400

/** Those around the sites of `cells` × `cells` × `cells` cells; none where there are more than POLYHEDRA_SITES. */
export function polyhedra(structure: Structure, cells: number): Polyhedron[] {
  const { frac, lattice } = structure
  if (frac.length * cells ** 3 > POLYHEDRA_SITES) return []
  const steps = Array.from({ length: cells }, (_, n) => n)
  const shifts = steps.flatMap((i) => steps.flatMap((j) => steps.map((k) => toCartesian([i, j, k], lattice))))
  return inFirstCell(structure).flatMap((one) =>
    shifts.map((shift) => ({
      ...one,
      corners: one.corners.map((p): Vec3 => [p[0] + shift[0], p[1] + shift[1], p[2] + shift[2]]),
    })),
  )
}

function inFirstCell(structure: Structure): Polyhedron[] {
  const { frac, lattice } = structure
  const elements = frac.map((_, site) => mainElement(structure, site))
  const pull = (element: number) => electronegativity(element) ?? 0
  const steps = lattice.map((row) => Math.ceil(REACH / Math.max(1, 0.5 * Math.hypot(...row))))
  const images = frac.flatMap((f, site) =>
    imagesOf(wrap(f), steps).map((at) => ({ site, at: toCartesian(at, lattice) })),
  )
  return frac.flatMap((f, site): Polyhedron[] => {
    const centre = toCartesian(wrap(f), lattice)
    const far = ({ at }: { at: Vec3 }) => Math.hypot(at[0] - centre[0], at[1] - centre[1], at[2] - centre[2])
    const others = images.filter((image) => far(image) > 0.1 && far(image) <= REACH)
    const nearest = Math.min(...others.map(far))
    const shell = others.filter((image) => far(image) <= SHELL * nearest)
    const isCentre = shell.every((image) => pull(elements[image.site]) > pull(elements[site]))
    if (!isCentre || shell.length < CORNERS.least || shell.length > CORNERS.most) return []
    const corners = shell.map(({ at }) => at)
    return [{ element: elements[site], corners, faces: hull(corners) }]
  })
}

function imagesOf([x, y, z]: Vec3, [a, b, c]: readonly number[]): Vec3[] {
  const range = (n: number) => Array.from({ length: 2 * n + 1 }, (_, k) => k - n)
  return range(a).flatMap((i) => range(b).flatMap((j) => range(c).map((k): Vec3 => [x + i, y + j, z + k])))
}

/** Faces of the convex hull of a few points: planes through three of them with all others on one side. */
export function hull(points: readonly Vec3[]): number[][] {
  const faces = new Map<string, number[]>()
  const minus = (p: Vec3, q: Vec3): Vec3 => [p[0] - q[0], p[1] - q[1], p[2] - q[2]]
  const dot = (p: Vec3, q: Vec3) => p[0] * q[0] + p[1] * q[1] + p[2] * q[2]
  const cross = (p: Vec3, q: Vec3): Vec3 => [
    p[1] * q[2] - p[2] * q[1],
    p[2] * q[0] - p[0] * q[2],
    p[0] * q[1] - p[1] * q[0],
  ]
  for (let i = 0; i < points.length; i++) {
    for (let j = i + 1; j < points.length; j++) {
      for (let k = j + 1; k < points.length; k++) {
        const normal = cross(minus(points[j], points[i]), minus(points[k], points[i]))
        const length = Math.hypot(...normal)
        if (length < 1e-3) continue
        const above = points.map((p) => dot(normal, minus(p, points[i])) / length)
        // Points that lie in the plane to within a tenth of an ångström belong to the face.
        const flat = 0.1
        if (above.some((x) => x > flat) && above.some((x) => x < -flat)) continue
        const on = [...points.keys()].filter((n) => Math.abs(above[n]) <= flat)
        const key = on.join()
        if (!faces.has(key)) faces.set(key, inOrder(on))
      }
    }
  }
  return [...faces.values()]

  /** Around their middle. */
  function inOrder(on: readonly number[]): number[] {
    const middle = on.reduce<Vec3>(
      (sum, n) => [
        sum[0] + points[n][0] / on.length,
        sum[1] + points[n][1] / on.length,
        sum[2] + points[n][2] / on.length,
      ],
      [0, 0, 0],
    )
    const first = minus(points[on[0]], middle)
    const normal = cross(minus(points[on[1]], points[on[0]]), minus(points[on[2]], points[on[0]]))
    const second = cross(normal, first)
    const angle = (n: number) => {
      const p = minus(points[n], middle)
      return Math.atan2(dot(p, second) / Math.hypot(...second), dot(p, first) / Math.hypot(...first))
    }
    return [...on].sort((a, b) => angle(a) - angle(b))
  }
}
