// Crystals for the tests of this folder: random and deliberately awkward cells, and the brute-force enumeration that
// every neighbour table is compared with.

import { type Mat3, type Structure, structure, type Vec3 } from '../../src/crystal/structure.ts'

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
      const size = 2.5 + 6.5 * random()
      const norm = Math.hypot(...v)
      return v.map((x) => (x / norm) * size)
    }) as unknown as Mat3
    if (Math.abs(volume(lattice)) < 20) continue
    return structure({
      lattice,
      frac: Array.from({ length: atoms }, () => [0, 0, 0].map(() => random() + spread * (2 * random() - 1))),
      species: Array.from({ length: atoms }, () => 1 + Math.floor(random() * 98)),
    })
  }
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
 * certain to hold them: |n_m| ≤ (radius + |p_j − p_i|)·|row m of the inverse| + 1.
 */
export function bruteForce(s: Structure, i: number, radius: number): Image[] {
  const images: Image[] = []
  for (let j = 0; j < s.frac.length; j++) {
    const d = displacement(s, i, j, [0, 0, 0])
    const range = inverseColumnNorms(s.lattice).map((x) => Math.ceil((radius + Math.hypot(...d)) * x) + 1)
    for (let n1 = -range[0]; n1 <= range[0]; n1++) {
      for (let n2 = -range[1]; n2 <= range[1]; n2++) {
        for (let n3 = -range[2]; n3 <= range[2]; n3++) {
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
function inverseColumnNorms(lattice: Mat3): number[] {
  const v = Math.abs(volume(lattice))
  return [0, 1, 2].map((m) => {
    const [p, q] = [lattice[(m + 1) % 3], lattice[(m + 2) % 3]]
    return Math.hypot(p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]) / v
  })
}
