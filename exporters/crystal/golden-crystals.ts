// The crystals that golden samples are made of: small, of many shapes, 1 to 20 atoms, one site shared by two elements.

import type { Site } from '../../src/crystal/structure.ts'
import type { Mat3 } from '../../src/math/vectors.ts'

/** Lattice rows in Å and sites by atomic number. Textbook values, rounded. */
export interface GoldenCrystal {
  readonly name: string
  readonly lattice: Mat3
  readonly sites: readonly (readonly [element: number | Site, x: number, y: number, z: number])[]
}

export const GOLDEN_CRYSTALS: readonly GoldenCrystal[] = [
  {
    name: 'NaCl',
    lattice: faceCentred(5.64),
    sites: [
      [11, 0, 0, 0],
      [17, 0.5, 0.5, 0.5],
    ],
  },
  { name: 'Cu', lattice: faceCentred(3.615), sites: [[29, 0.1, 0.2, 0.3]] },
  {
    name: 'Si',
    lattice: faceCentred(5.431),
    sites: [
      [14, 0, 0, 0],
      [14, 0.25, 0.25, 0.25],
    ],
  },
  {
    name: 'CuAu disordered',
    lattice: box(2.85, 2.85, 3.65),
    sites: [
      [29, 0, 0, 0],
      [
        [
          { element: 79, occupancy: 0.75 },
          { element: 29, occupancy: 0.25 },
        ],
        0.5,
        0.5,
        0.5,
      ],
    ],
  },
  {
    name: 'SrTiO3',
    lattice: box(3.905, 3.905, 3.905),
    sites: [
      [38, 0, 0, 0],
      [22, 0.5, 0.5, 0.5],
      [8, 0.5, 0.5, 0],
      [8, 0.5, 0, 0.5],
      [8, 0, 0.5, 0.5],
    ],
  },
  {
    name: 'TiO2 rutile',
    lattice: box(4.594, 4.594, 2.959),
    sites: [
      [22, 0, 0, 0],
      [22, 0.5, 0.5, 0.5],
      [8, 0.305, 0.305, 0],
      [8, 0.695, 0.695, 0],
      [8, 0.195, 0.805, 0.5],
      [8, 0.805, 0.195, 0.5],
    ],
  },
  {
    name: 'SiO2 quartz',
    lattice: [
      [4.914, 0, 0],
      [-2.457, 4.255649, 0],
      [0, 0, 5.406],
    ],
    sites: [
      [14, 0.4697, 0, 0],
      [14, 0, 0.4697, 0.666667],
      [14, 0.5303, 0.5303, 0.333333],
      [8, 0.4133, 0.2672, 0.1188],
      [8, 0.7328, 0.1461, 0.785467],
      [8, 0.8539, 0.5867, 0.452133],
      [8, 0.2672, 0.4133, 0.8812],
      [8, 0.1461, 0.7328, 0.214533],
      [8, 0.5867, 0.8539, 0.547867],
    ],
  },
  {
    name: 'CaTiO3',
    lattice: box(5.442, 7.64, 5.38),
    sites: [
      [20, 0.036, 0.25, 0.993],
      [20, 0.464, 0.75, 0.493],
      [20, 0.964, 0.75, 0.007],
      [20, 0.536, 0.25, 0.507],
      [22, 0, 0, 0.5],
      [22, 0.5, 0, 0],
      [22, 0, 0.5, 0.5],
      [22, 0.5, 0.5, 0],
      [8, 0.484, 0.25, 0.071],
      [8, 0.016, 0.75, 0.571],
      [8, 0.516, 0.75, 0.929],
      [8, 0.984, 0.25, 0.429],
      [8, 0.289, 0.037, 0.711],
      [8, 0.211, 0.963, 0.211],
      [8, 0.711, 0.537, 0.289],
      [8, 0.789, 0.463, 0.789],
      [8, 0.711, 0.963, 0.289],
      [8, 0.789, 0.037, 0.789],
      [8, 0.289, 0.463, 0.711],
      [8, 0.211, 0.537, 0.211],
    ],
  },
]

function box(a: number, b: number, c: number): Mat3 {
  return [
    [a, 0, 0],
    [0, b, 0],
    [0, 0, c],
  ]
}

function faceCentred(a: number): Mat3 {
  const h = a / 2
  return [
    [0, h, h],
    [h, 0, h],
    [h, h, 0],
  ]
}
