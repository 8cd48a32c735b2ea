// Mixed sites: spheres of which every occupant has a wedge as large as its share, and what is vacant another.

import type { Site } from '../crystal/structure.ts'
import type { Vec3 } from '../math/vectors.ts'

/** Triangles in one colour. */
export interface Mesh {
  readonly vertices: Vec3[]
  readonly normals: Vec3[]
  readonly faces: number[]
}

export interface Wedge {
  /** atomic number; undefined for a vacancy */
  readonly element: number | undefined
  /** of the turn, from and to: in [0, 1] */
  readonly from: number
  readonly to: number
}

/** The largest first, a vacancy last. */
export function wedgesOf(site: Site): Wedge[] {
  let at = 0
  const occupied = [...site]
    .sort((a, b) => b.occupancy - a.occupancy)
    .map(({ element, occupancy }): Wedge => {
      const from = at
      at = Math.min(1, at + occupancy)
      return { element, from, to: at }
    })
  return at < 1 - 1e-6 ? [...occupied, { element: undefined, from: at, to: 1 }] : occupied
}

/** Adds the part of a sphere between two meridians. @param steps of a whole turn; half as many from pole to pole */
export function addWedge(mesh: Mesh, centre: Vec3, radius: number, { from, to }: Wedge, steps: number): void {
  const around = Math.max(1, Math.round((to - from) * steps))
  const down = steps / 2
  const first = mesh.vertices.length
  for (let i = 0; i <= around; i++) {
    const phi = 2 * Math.PI * (from + ((to - from) * i) / around)
    for (let j = 0; j <= down; j++) {
      const theta = (Math.PI * j) / down
      const normal: Vec3 = [Math.sin(theta) * Math.cos(phi), Math.sin(theta) * Math.sin(phi), Math.cos(theta)]
      mesh.normals.push(normal)
      mesh.vertices.push([
        centre[0] + radius * normal[0],
        centre[1] + radius * normal[1],
        centre[2] + radius * normal[2],
      ])
    }
  }
  const row = down + 1
  for (let i = 0; i < around; i++) {
    for (let j = 0; j < down; j++) {
      const [a, b] = [first + i * row + j, first + (i + 1) * row + j]
      mesh.faces.push(a, a + 1, b, b, a + 1, b + 1)
    }
  }
}
