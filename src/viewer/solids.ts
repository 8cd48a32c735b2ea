// Bodies with faces: spheres with wedges on mixed sites, and coordination polyhedra.

import type { GLViewer } from '3dmol'
import type { Vec3 } from '../math/vectors.ts'
import { elementColour } from './colours.ts'
import { colour, xyz } from './drawing.ts'
import type { DrawnCrystal } from './drawn.ts'
import { atomRadius } from './expand.ts'
import { addWedge, type Mesh } from './wedges.ts'

/** Meridians of a sphere with wedges: fewer of many. */
const MERIDIANS = { few: 24, many: 12, manySites: 1500 }
/** Vertices that WebGL numbers in one piece. */
const PIECE = 60_000

/** Mixed sites, over the spheres that they are clicked by. */
export function drawWedges(viewer: GLViewer, { atoms, wedges }: DrawnCrystal): void {
  const mixed = atoms.filter(({ site }) => wedges.has(site))
  const steps = mixed.length > MERIDIANS.manySites ? MERIDIANS.many : MERIDIANS.few
  const meshes = new Map<string, Mesh>()
  for (const { site, element, position } of mixed) {
    const radius = atomRadius(element)
    for (const wedge of wedges.get(site)!) {
      const shade =
        wedge.element === undefined ? colour(viewer, '--view-vacant') : elementColour(wedge.element)
      let mesh = meshes.get(shade)
      if (!mesh || mesh.vertices.length > PIECE - steps * steps) {
        if (mesh) addMesh(viewer, mesh, shade)
        mesh = { vertices: [], normals: [], faces: [] }
        meshes.set(shade, mesh)
      }
      addWedge(mesh, position, radius, wedge, steps)
    }
  }
  for (const [shade, mesh] of meshes) addMesh(viewer, mesh, shade)
}

export function drawPolyhedra(viewer: GLViewer, { polyhedra }: DrawnCrystal): void {
  for (const { element, corners, faces } of polyhedra) {
    const mesh: Mesh = { vertices: [], normals: [], faces: [] }
    const middle = middleOf(corners)
    for (const around of faces) {
      const first = mesh.vertices.length
      const inward = normalOf(around.map((n) => corners[n])).map(
        (x, m) => x * (middle[m] - corners[around[0]][m]),
      )
      // Faces are seen from outside.
      const face = inward.reduce((sum, x) => sum + x) > 0 ? [...around].reverse() : around
      const normal = normalOf(face.map((n) => corners[n]))
      for (const n of face) {
        mesh.vertices.push(corners[n])
        mesh.normals.push(normal)
      }
      for (let n = 1; n + 1 < face.length; n++) mesh.faces.push(first, first + n, first + n + 1)
    }
    addMesh(viewer, mesh, elementColour(element), 0.45)
    for (const face of faces) {
      face.forEach((n, at) => {
        const [start, end] = [n, face[(at + 1) % face.length]].map((corner) => xyz(corners[corner]))
        viewer.addCylinder({ start, end, radius: 0.025, color: elementColour(element) })
      })
    }
  }
}

function middleOf(points: readonly Vec3[]): Vec3 {
  return [0, 1, 2].map((m) => points.reduce((sum, p) => sum + p[m] / points.length, 0)) as unknown as Vec3
}

function normalOf([p, q, r]: readonly Vec3[]): Vec3 {
  const [a, b] = [q, r].map((end) => end.map((x, m) => x - p[m]))
  const n = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
  return n.map((x) => x / Math.hypot(...n)) as unknown as Vec3
}

function addMesh(viewer: GLViewer, { vertices, normals, faces }: Mesh, color: string, opacity = 1): void {
  viewer.addCustom({
    ...{ vertexArr: vertices.map(xyz), normalArr: normals.map(xyz), faceArr: faces, color, opacity },
  } as Parameters<GLViewer['addCustom']>[0])
}
