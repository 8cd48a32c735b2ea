// Crystals for the tests of this folder: random and deliberately awkward cells, and the brute-force enumeration that
// every neighbour table is compared with.

import { type Structure, structure } from '../../src/crystal/structure.ts'
import type { Mat3, Vec3 } from '../../src/math/vectors.ts'
import type { NeighbourTable } from '../../src/periodic/types.ts'

/** Float64 rounding of displacements of some ten Å whose coordinates lie up to a few hundred Å from the origin. */
export const F64 = 1e-11

/** mulberry32: a small seeded generator, uniform in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A random triclinic cell of `atoms` atoms with edges of 2.5 to 9 Å; sites up to `spread` cells away from it. */
export function randomCrystal(seed: number, atoms: number, spread = 0): Structure {
  const random = seeded(seed)
  for (;;) {
    const lattice = [0, 1, 2].map(() => {
      const v = [random() - 0.5, random() - 0.5, random() - 0.5]
      const size = (2.5 + 6.5 * random()) / Math.hypot(...v)
      return v.map((x) => x * size)
    }) as unknown as Mat3
    if (Math.abs(volume(lattice)) < 20) continue
    return structure({
      lattice,
      frac: Array.from({ length: atoms }, () => [0, 0, 0].map(() => random() + spread * (2 * random() - 1))),
      species: Array.from({ length: atoms }, () => 1 + Math.floor(random() * 98)),
    })
  }
}

const rockSalt = [
  [0, 2.82, 2.82],
  [2.82, 0, 2.82],
  [2.82, 2.82, 0],
]

/** Name, crystal and a radius at which brute force is quick. */
export const awkwardCrystals: readonly (readonly [string, Structure, number])[] = [
  ...[1, 2, 3, 4, 5].map((n) => [`random, ${n} atoms`, randomCrystal(n, n), 7] as const),
  ['far outside the cell', randomCrystal(11, 3, 6), 6],
  [
    'one atom, tiny cell',
    cell(
      [
        [1.9, 0, 0],
        [0.2, 2.1, 0],
        [0.1, 0.3, 2],
      ],
      [[0.3, 0.1, 7.9]],
    ),
    7,
  ],
  [
    'primitive rock salt',
    cell(rockSalt, [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ]),
    9.9,
  ],
  [
    'on the border of the cell',
    cell(rockSalt, [
      [-1e-17, 1, 0],
      [0.5, 0.5, -1.5],
    ]),
    7,
  ],
  [
    'very skewed',
    cell(
      [
        [3, 0, 0],
        [14, 4, 0],
        [-11, 13, 5],
      ],
      [
        [0, 0, 0],
        [0.4, 0.7, 0.2],
      ],
    ),
    8,
  ],
  [
    'left-handed, skewed',
    cell(
      [
        [3, 0, 0],
        [-11, 13, 5],
        [14, 4, 0],
      ],
      [
        [0, 0, 0],
        [0.4, -0.7, 1.2],
      ],
    ),
    8,
  ],
  [
    'slab in vacuum',
    cell(
      [
        [3.1, 0, 0],
        [-1.5, 2.7, 0],
        [0, 0, 42],
      ],
      [
        [0, 0, 0.1],
        [0.3, 0.6, 0.14],
      ],
    ),
    9,
  ],
  [
    'two atoms on one point',
    cell(
      [
        [4, 0, 0],
        [0, 4, 0],
        [0, 0, 4],
      ],
      [
        [0.5, 0, 0],
        [0.5, 0, 0],
      ],
    ),
    6,
  ],
]

function cell(lattice: number[][], frac: number[][]): Structure {
  return structure({ lattice, frac, species: frac.map((_, i) => i + 1) })
}

export function volume([a, b, c]: Mat3): number {
  return (
    a[0] * (b[1] * c[2] - b[2] * c[1]) -
    a[1] * (b[0] * c[2] - b[2] * c[0]) +
    a[2] * (b[0] * c[1] - b[1] * c[0])
  )
}

export interface Image {
  readonly j: number
  readonly n: Vec3
  readonly r: Vec3
}

/**
 * Every image of atom i within the radius, in the order of the contract, by trying every translation of a box that is
 * certain to hold them: |frac_j + n − frac_i| ≤ radius·|b_m|/2π along every axis m.
 */
export function bruteForce(s: Structure, i: number, radius: number): Image[] {
  const images: Image[] = []
  const reach = inverseSpacings(s.lattice).map((x) => radius * x)
  for (let j = 0; j < s.frac.length; j++) {
    const [low, high] = [-1, 1].map((sign) =>
      reach.map((x, m) => Math.round(s.frac[i][m] - s.frac[j][m] + sign * x) + sign),
    )
    for (let n1 = low[0]; n1 <= high[0]; n1++) {
      for (let n2 = low[1]; n2 <= high[1]; n2++) {
        for (let n3 = low[2]; n3 <= high[2]; n3++) {
          const r = displacement(s, i, j, [n1, n2, n3])
          if (Math.hypot(...r) <= radius) images.push({ j, n: [n1, n2, n3], r })
        }
      }
    }
  }
  return images
}

/** (frac_j + n − frac_i) · L */
export function displacement(s: Structure, i: number, j: number, n: Vec3): Vec3 {
  const f = [0, 1, 2].map((m) => s.frac[j][m] + n[m] - s.frac[i][m])
  const x = (k: number) => f[0] * s.lattice[0][k] + f[1] * s.lattice[1][k] + f[2] * s.lattice[2][k]
  return [x(0), x(1), x(2)]
}

/** |b_m| / 2π from the cross products of the rows. */
export function inverseSpacings(lattice: Mat3): number[] {
  const v = Math.abs(volume(lattice))
  return [0, 1, 2].map((m) => {
    const [p, q] = [lattice[(m + 1) % 3], lattice[(m + 2) % 3]]
    const area = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]]
    return Math.hypot(...area) / v
  })
}

/** Distances of the images of atom i in ascending order. */
export function distances(table: NeighbourTable, i: number): number[] {
  const sorted: number[] = []
  for (let at = table.offsets[i]; at < table.offsets[i + 1]; at++) {
    sorted.push(Math.hypot(...table.displacement.subarray(3 * at, 3 * at + 3)))
  }
  return sorted.sort((a, b) => a - b)
}

/** Largest difference between two lists of the same length; infinite when the lengths differ. */
export function worstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let worst = 0
  for (let k = 0; k < a.length; k++) worst = Math.max(worst, Math.abs(a[k] - b[k]))
  return worst
}
