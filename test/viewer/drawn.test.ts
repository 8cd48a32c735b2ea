// What is drawn of crystals that are known: bonds, polyhedra, wedges, measures, and the SVG picture.

import { describe, expect, it } from 'vitest'
import { structure } from '../../src/crystal/structure.ts'
import type { Vec3 } from '../../src/math/vectors.ts'
import { density, wyckoffText } from '../../src/viewer/density.ts'
import { bonds, expand } from '../../src/viewer/expand.ts'
import { angle, distance } from '../../src/viewer/measure.ts'
import { picture } from '../../src/viewer/picture.ts'
import { hull, polyhedra } from '../../src/viewer/polyhedra.ts'
import { addWedge, type Mesh, wedgesOf } from '../../src/viewer/wedges.ts'

const cubic = (a: number, species: readonly number[], frac: readonly Vec3[]) =>
  structure({
    lattice: [
      [a, 0, 0],
      [0, a, 0],
      [0, 0, a],
    ],
    species,
    frac,
  })
const PEROVSKITE = cubic(
  3.905,
  [38, 22, 8, 8, 8],
  [
    [0, 0, 0],
    [0.5, 0.5, 0.5],
    [0.5, 0.5, 0],
    [0.5, 0, 0.5],
    [0, 0.5, 0.5],
  ],
)

describe('atoms and bonds', () => {
  it('counts the images on the faces, and says how many there are beyond a limit', () => {
    // 8 corners, 1 centre, 6 faces.
    expect(expand(PEROVSKITE, 1, 100)).toMatchObject({ total: 15 })
    const cut = expand(PEROVSKITE, 3, 20)
    expect([cut.atoms.length, cut.total]).toEqual([20, 64 + 27 + 3 * 36])
  })

  it('joins nearest neighbours: six to the titanium of a perovskite', () => {
    const { atoms } = expand(PEROVSKITE, 1, 100)
    const pairs = bonds(atoms).map(([i, j]) =>
      [atoms[i].element, atoms[j].element].sort((a, b) => a - b).join(),
    )
    expect(pairs).toEqual(Array(6).fill('8,22'))
  })

  it('finds bonds in a sparse crystal too', () => {
    const caesium = cubic(
      6.14,
      [55, 55],
      [
        [0, 0, 0],
        [0.5, 0.5, 0.5],
      ],
    )
    expect(bonds(expand(caesium, 1, 100).atoms)).toHaveLength(8)
  })
})

describe('polyhedra', () => {
  it('puts an octahedron around titanium, across faces of the cell, in every cell', () => {
    const found = polyhedra(PEROVSKITE, 2)
    expect(found).toHaveLength(8)
    for (const { element, corners, faces } of found) {
      expect([element, corners.length, faces.length]).toEqual([22, 6, 8])
    }
  })

  it('has one face for corners in one plane', () => {
    const cube = [0, 1].flatMap((x) => [0, 1].flatMap((y) => [0, 1].map((z): Vec3 => [x, y, z])))
    const faces = hull(cube)
    expect(faces.map(({ length }) => length)).toEqual(Array(6).fill(4))
    // Around the face: neighbours in the list share an edge of length 1.
    for (const face of faces) {
      for (const [at, n] of face.entries()) {
        expect(distance(cube[n], cube[face[(at + 1) % 4]])).toBeCloseTo(1)
      }
    }
  })
})

it('divides a mixed site by its shares, with what is vacant', () => {
  const wedges = wedgesOf([
    { element: 19, occupancy: 0.3 },
    { element: 11, occupancy: 0.6 },
  ])
  expect(wedges.map(({ element, from, to }) => [element, from.toFixed(2), to.toFixed(2)])).toEqual([
    [11, '0.00', '0.60'],
    [19, '0.60', '0.90'],
    [undefined, '0.90', '1.00'],
  ])
  const mesh: Mesh = { vertices: [], normals: [], faces: [] }
  addWedge(mesh, [1, 2, 3], 0.5, wedges[0], 20)
  for (const vertex of mesh.vertices) expect(distance(vertex, [1, 2, 3])).toBeCloseTo(0.5)
  expect(Math.max(...mesh.faces)).toBe(mesh.vertices.length - 1)
})

it('measures', () => {
  expect(distance([0, 0, 0], [1, 2, 2])).toBe(3)
  expect(angle([1, 0, 0], [0, 0, 0], [0, 2, 0])).toBeCloseTo(90)
  expect(angle([1, 0, 0], [0, 0, 0], [-1, 0, 0])).toBeCloseTo(180)
})

it('gives the density of the literature and the letters of every element once', () => {
  // SrTiO3: 5.12 g/cm³.
  expect(density(PEROVSKITE)).toBeCloseTo(5.12, 1)
  const symmetry = { number: 221, symbol: 'P m -3 m', wyckoffs: ['a', 'b', 'c', 'c', 'c'] }
  expect(wyckoffText(PEROVSKITE, symmetry)).toBe('Sr a, Ti b, O c')
})

it('draws a picture with every atom', () => {
  const { atoms } = expand(PEROVSKITE, 1, 100)
  const drawn = { lattice: PEROVSKITE.lattice, cells: 1, atoms, bonds: bonds(atoms) }
  const svg = picture({ ...drawn, wedges: new Map(), polyhedra: [], names: undefined }, [0, 0, 0, 1])
  // A colour and a light each.
  expect(svg.match(/<circle/g)).toHaveLength(2 * 15)
  expect(svg).not.toMatch(/NaN|undefined/)
})
