// Structure types of ionic compounds: primitive cells in units of a, with the role of the ion on each site. Internal
// parameters are those of the compound that names the type (Wyckoff, Crystal Structures; Strukturbericht).

import type { Mat3, Vec3 } from '../../math/vectors.ts'

/** `A` and `B` are cations, `X` is the anion. */
export type Role = 'A' | 'B' | 'X'

export type Coordination = 2 | 4 | 6 | 8 | 12

export interface Prototype {
  readonly name: string
  /** Rows a, b, c in units of the conventional lattice constant a. */
  readonly lattice: Mat3
  readonly sites: readonly { readonly role: Role; readonly frac: Vec3 }[]
  /** How many anions surround A, and B if there is one. */
  readonly coordination: readonly [A: Coordination, B?: Coordination]
}

const CUBIC: Mat3 = tetragonal(1)
const FACE_CENTRED: Mat3 = [
  [0, 1 / 2, 1 / 2],
  [1 / 2, 0, 1 / 2],
  [1 / 2, 1 / 2, 0],
]
/** c/a of close-packed layers. */
const CLOSE_PACKED = Math.sqrt(8 / 3)

export const PROTOTYPES: readonly Prototype[] = [
  prototype('rock-salt', FACE_CENTRED, [6], { A: [[0, 0, 0]], X: [[1 / 2, 1 / 2, 1 / 2]] }),
  prototype('caesium-chloride', CUBIC, [8], { A: [[0, 0, 0]], X: [[1 / 2, 1 / 2, 1 / 2]] }),
  prototype('zinc-blende', FACE_CENTRED, [4], { A: [[0, 0, 0]], X: [[1 / 4, 1 / 4, 1 / 4]] }),
  prototype('wurtzite', hexagonal(CLOSE_PACKED), [4], {
    A: [
      [1 / 3, 2 / 3, 0],
      [2 / 3, 1 / 3, 1 / 2],
    ],
    X: [
      [1 / 3, 2 / 3, 3 / 8],
      [2 / 3, 1 / 3, 7 / 8],
    ],
  }),
  prototype('nickel-arsenide', hexagonal(CLOSE_PACKED), [6], {
    A: [
      [0, 0, 0],
      [0, 0, 1 / 2],
    ],
    X: [
      [1 / 3, 2 / 3, 1 / 4],
      [2 / 3, 1 / 3, 3 / 4],
    ],
  }),
  prototype('fluorite', FACE_CENTRED, [8], {
    A: [[0, 0, 0]],
    X: [
      [1 / 4, 1 / 4, 1 / 4],
      [3 / 4, 3 / 4, 3 / 4],
    ],
  }),
  prototype('antifluorite', FACE_CENTRED, [4], {
    A: [
      [1 / 4, 1 / 4, 1 / 4],
      [3 / 4, 3 / 4, 3 / 4],
    ],
    X: [[0, 0, 0]],
  }),
  prototype('cuprite', CUBIC, [2], {
    A: [
      [1 / 4, 1 / 4, 1 / 4],
      [3 / 4, 3 / 4, 1 / 4],
      [3 / 4, 1 / 4, 3 / 4],
      [1 / 4, 3 / 4, 3 / 4],
    ],
    X: [
      [0, 0, 0],
      [1 / 2, 1 / 2, 1 / 2],
    ],
  }),
  // TiO2: c/a 0.644, u 0.305
  prototype('rutile', tetragonal(0.644), [6], {
    A: [
      [0, 0, 0],
      [1 / 2, 1 / 2, 1 / 2],
    ],
    X: [
      [0.305, 0.305, 0],
      [0.695, 0.695, 0],
      [0.805, 0.195, 1 / 2],
      [0.195, 0.805, 1 / 2],
    ],
  }),
  prototype('cadmium-iodide', hexagonal(1.6), [6], {
    A: [[0, 0, 0]],
    X: [
      [1 / 3, 2 / 3, 1 / 4],
      [2 / 3, 1 / 3, 3 / 4],
    ],
  }),
  // Al2O3 in its rhombohedral cell: c/a 2.730, hexagonal z(Al) 0.352 and x(O) 0.306
  prototype('corundum', rhombohedral(2.73), [6], {
    A: [diagonal(0.352), diagonal(0.148), diagonal(0.648), diagonal(0.852)],
    X: [
      [0.556, 0.944, 0.25],
      [0.25, 0.556, 0.944],
      [0.944, 0.25, 0.556],
      [0.444, 0.056, 0.75],
      [0.75, 0.444, 0.056],
      [0.056, 0.75, 0.444],
    ],
  }),
  prototype('rhenium-trioxide', CUBIC, [6], {
    A: [[0, 0, 0]],
    X: [
      [1 / 2, 0, 0],
      [0, 1 / 2, 0],
      [0, 0, 1 / 2],
    ],
  }),
  prototype('bismuth-trifluoride', FACE_CENTRED, [8], {
    A: [[0, 0, 0]],
    X: [diagonal(1 / 4), diagonal(1 / 2), diagonal(3 / 4)],
  }),
  prototype('perovskite', CUBIC, [12, 6], {
    A: [[0, 0, 0]],
    B: [[1 / 2, 1 / 2, 1 / 2]],
    X: [
      [0, 1 / 2, 1 / 2],
      [1 / 2, 0, 1 / 2],
      [1 / 2, 1 / 2, 0],
    ],
  }),
  // MgAl2O4: u 0.2625 with the origin at -3m
  prototype('spinel', FACE_CENTRED, [4, 6], {
    A: [diagonal(1 / 8), diagonal(7 / 8)],
    B: [
      [1 / 2, 1 / 2, 1 / 2],
      [1 / 2, 1 / 2, 0],
      [1 / 2, 0, 1 / 2],
      [0, 1 / 2, 1 / 2],
    ],
    X: [
      diagonal(0.2625),
      [0.2625, 0.2625, 0.7125],
      [0.2625, 0.7125, 0.2625],
      [0.7125, 0.2625, 0.2625],
      diagonal(0.7375),
      [0.7375, 0.7375, 0.2875],
      [0.7375, 0.2875, 0.7375],
      [0.2875, 0.7375, 0.7375],
    ],
  }),
  // LiCoO2: c/a 4.99, z(O) 0.24 from the Li layer
  prototype('alpha-sodium-ferrite', rhombohedral(4.99), [6, 6], {
    A: [[0, 0, 0]],
    B: [diagonal(1 / 2)],
    X: [diagonal(0.24), diagonal(0.76)],
  }),
  prototype(
    'chalcopyrite',
    [
      [-1 / 2, 1 / 2, 1],
      [1 / 2, -1 / 2, 1],
      [1 / 2, 1 / 2, -1],
    ],
    [4, 4],
    {
      A: [
        [0, 0, 0],
        [3 / 4, 1 / 4, 1 / 2],
      ],
      B: [
        [1 / 2, 1 / 2, 0],
        [1 / 4, 3 / 4, 1 / 2],
      ],
      X: [
        [3 / 8, 3 / 8, 1 / 2],
        [7 / 8, 7 / 8, 1 / 2],
        [1 / 8, 5 / 8, 0],
        [5 / 8, 1 / 8, 0],
      ],
    },
  ),
]

function prototype(
  name: string,
  lattice: Mat3,
  coordination: Prototype['coordination'],
  sites: Partial<Record<Role, readonly Vec3[]>>,
): Prototype {
  const roles: readonly Role[] = ['A', 'B', 'X']
  return {
    name,
    lattice,
    sites: roles.flatMap((role) => (sites[role] ?? []).map((frac) => ({ role, frac }))),
    coordination,
  }
}

function tetragonal(c: number): Mat3 {
  return [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, c],
  ]
}

function hexagonal(c: number): Mat3 {
  return [
    [1, 0, 0],
    [-1 / 2, Math.sqrt(3) / 2, 0],
    [0, 0, c],
  ]
}

/** The primitive cell of a rhombohedral lattice (obverse setting) given by its hexagonal c/a. */
function rhombohedral(c: number): Mat3 {
  const height = c / 3
  const side = Math.sqrt(3) / 6
  return [
    [1 / 2, side, height],
    [-1 / 2, side, height],
    [0, -2 * side, height],
  ]
}

function diagonal(x: number): Vec3 {
  return [x, x, x]
}
