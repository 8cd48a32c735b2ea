// An atom at a site of every crystallographic point group, for tests of what no symmetry may change: one atom at the
// origin and a general position that the group repeats.

import { type Structure, structure } from '../../src/crystal/structure.ts'

/** Rows of a 3×3 matrix of fractional coordinates, one after the other. */
type Matrix = readonly number[]

const IDENTITY: Matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1]
const INVERSION: Matrix = [-1, 0, 0, 0, -1, 0, 0, 0, -1]
const TWO_Z: Matrix = [-1, 0, 0, 0, -1, 0, 0, 0, 1]
const TWO_X: Matrix = [1, 0, 0, 0, -1, 0, 0, 0, -1]
const MIRROR_X: Matrix = [-1, 0, 0, 0, 1, 0, 0, 0, 1]
const MIRROR_Z: Matrix = [1, 0, 0, 0, 1, 0, 0, 0, -1]
const FOUR: Matrix = [0, -1, 0, 1, 0, 0, 0, 0, 1]
const FOUR_BAR = times(INVERSION, FOUR)
const DIAGONAL_THREE: Matrix = [0, 0, 1, 1, 0, 0, 0, 1, 0]
const DIAGONAL_MIRROR: Matrix = [0, 1, 0, 1, 0, 0, 0, 0, 1]
const THREE: Matrix = [0, -1, 0, 1, -1, 0, 0, 0, 1]
const SIX: Matrix = [1, -1, 0, 1, 0, 0, 0, 0, 1]
const TWO_ACROSS: Matrix = [0, 1, 0, 1, 0, 0, 0, 0, -1]
const MIRROR_ALONG: Matrix = [0, -1, 0, -1, 0, 0, 0, 0, 1]

const CUBIC = [TWO_Z, TWO_X, DIAGONAL_THREE]
const LATTICES = {
  triclinic: [
    [4.5, 0, 0],
    [0.4, 4.9, 0],
    [-0.3, 0.6, 5.4],
  ],
  monoclinic: [
    [4.5, 0, 0],
    [-0.8, 4.9, 0],
    [0, 0, 4.3],
  ],
  orthorhombic: [
    [4.5, 0, 0],
    [0, 4.9, 0],
    [0, 0, 5.4],
  ],
  tetragonal: [
    [4.6, 0, 0],
    [0, 4.6, 0],
    [0, 0, 5.1],
  ],
  hexagonal: [
    [4.8, 0, 0],
    [-2.4, 2.4 * Math.sqrt(3), 0],
    [0, 0, 5.2],
  ],
  cubic: [
    [5.1, 0, 0],
    [0, 5.1, 0],
    [0, 0, 5.1],
  ],
} as const

const GROUPS: Readonly<Record<string, readonly [keyof typeof LATTICES, readonly Matrix[]]>> = {
  '1': ['triclinic', []],
  '-1': ['triclinic', [INVERSION]],
  '2': ['monoclinic', [TWO_Z]],
  m: ['monoclinic', [MIRROR_Z]],
  '2/m': ['monoclinic', [TWO_Z, INVERSION]],
  '222': ['orthorhombic', [TWO_Z, TWO_X]],
  mm2: ['orthorhombic', [TWO_Z, MIRROR_X]],
  mmm: ['orthorhombic', [TWO_Z, TWO_X, INVERSION]],
  '4': ['tetragonal', [FOUR]],
  '-4': ['tetragonal', [FOUR_BAR]],
  '4/m': ['tetragonal', [FOUR, INVERSION]],
  '422': ['tetragonal', [FOUR, TWO_X]],
  '4mm': ['tetragonal', [FOUR, MIRROR_X]],
  '-42m': ['tetragonal', [FOUR_BAR, TWO_X]],
  '4/mmm': ['tetragonal', [FOUR, TWO_X, INVERSION]],
  '3': ['hexagonal', [THREE]],
  '-3': ['hexagonal', [THREE, INVERSION]],
  '32': ['hexagonal', [THREE, TWO_ACROSS]],
  '3m': ['hexagonal', [THREE, MIRROR_ALONG]],
  '-3m': ['hexagonal', [THREE, TWO_ACROSS, INVERSION]],
  '6': ['hexagonal', [SIX]],
  '-6': ['hexagonal', [THREE, MIRROR_Z]],
  '6/m': ['hexagonal', [SIX, INVERSION]],
  '622': ['hexagonal', [SIX, TWO_ACROSS]],
  '6mm': ['hexagonal', [SIX, MIRROR_ALONG]],
  '-6m2': ['hexagonal', [THREE, MIRROR_Z, MIRROR_ALONG]],
  '6/mmm': ['hexagonal', [SIX, TWO_ACROSS, INVERSION]],
  '23': ['cubic', CUBIC],
  'm-3': ['cubic', [...CUBIC, INVERSION]],
  '432': ['cubic', [FOUR, TWO_X, DIAGONAL_THREE]],
  '-43m': ['cubic', [...CUBIC, DIAGONAL_MIRROR]],
  'm-3m': ['cubic', [FOUR, TWO_X, DIAGONAL_THREE, INVERSION]],
}

export const POINT_GROUPS: readonly string[] = Object.keys(GROUPS)

/** Titanium at the origin, oxygen at (x, y, z) and wherever the group takes it. */
export function siteOf(group: string, position: readonly [number, number, number]): Structure {
  const [system, generators] = GROUPS[group]
  const oxygen = new Map<string, number[]>()
  for (const operation of closure(generators)) {
    const moved = [0, 1, 2].map((row) => position.reduce((sum, x, c) => sum + operation[3 * row + c] * x, 0))
    oxygen.set(moved.map((x) => (x - Math.floor(x + 1e-9)).toFixed(6)).join(' '), moved)
  }
  return structure({
    lattice: LATTICES[system].map((row) => [...row]),
    frac: [[0, 0, 0], ...oxygen.values()],
    species: [22, ...Array.from(oxygen, () => 8)],
    name: group,
  })
}

/** All products of the generators. */
function closure(generators: readonly Matrix[]): Matrix[] {
  const found = new Map([[String(IDENTITY), IDENTITY]])
  for (const m of found.values()) {
    for (const generator of generators) {
      const product = times(m, generator)
      if (!found.has(String(product))) found.set(String(product), product)
    }
  }
  return [...found.values()]
}

function times(a: Matrix, b: Matrix): Matrix {
  return IDENTITY.map((_, n) => {
    const [row, column] = [Math.floor(n / 3), n % 3]
    // adding 0 turns −0 into 0
    return [0, 1, 2].reduce((sum, k) => sum + a[3 * row + k] * b[3 * k + column], 0) + 0
  })
}
