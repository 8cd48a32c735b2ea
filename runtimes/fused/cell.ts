// A cell as the kernels look for its images (source/table.h): a reduced basis, where the atoms are in it, and the lattice
// vectors within reach, or bins for a large cell.

import { fractionalOf, heights, toCartesian } from '../../src/crystal/cell.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import type { Mat3, Vec3 } from '../../src/math/vectors.ts'
import { reducedLattice, triangularLattice } from '../../src/periodic/lattice.ts'
import { SHELL_TOLERANCE } from '../../src/periodic/sphere.ts'
import type { Arena } from './arena.ts'

/** Cells of more atoms go through bins: measured at 10 Å, pairs and bins take the same at about 300. */
const PAIRWISE_ATOMS = 256
/** Bins along an axis at most. */
const MOST_BINS = 128

export interface Cell {
  readonly atoms: number
  /** basis as rows, distances of its planes, radius */
  readonly basis: Float64Array
  /** [N, 3] numbers of the places in that basis */
  readonly places: Float64Array
  /** [3, shifts] x, y and z of lattice vectors */
  readonly shifts: Float64Array
  /** along each axis; zeros for pairs */
  readonly bins: Vec3
}

/** @param radius of the sphere of images, Å */
export function cellOf({ lattice, frac }: Structure, radius: number): Cell {
  const reach = radius + SHELL_TOLERANCE
  const basis = reducedLattice(lattice)
  const apart = heights(basis)
  const numbersOf = fractionalOf(basis)
  const places = new Float64Array(3 * frac.length)
  for (const [i, f] of frac.entries()) places.set(numbersOf(toCartesian(f, lattice)), 3 * i)
  const isLarge = frac.length > PAIRWISE_ATOMS
  const [h1, h2, h3] = apart.map((height) =>
    Math.min(MOST_BINS, Math.max(1, Math.floor((2 * height) / reach))),
  )
  return {
    atoms: frac.length,
    basis: Float64Array.of(...basis.flat(), ...apart, reach),
    places,
    shifts: isLarge ? new Float64Array(3) : shiftsWithin(reach + halfDiagonal(basis), basis),
    bins: isLarge ? [h1, h2, h3] : [0, 0, 0],
  }
}

/** How long a vector can be whose numbers are ½ at most. */
function halfDiagonal(basis: Mat3): number {
  const signs: Vec3[] = [
    [1, 1, 1],
    [1, 1, -1],
    [1, -1, 1],
    [1, -1, -1],
  ]
  return Math.max(...signs.map((n) => Math.hypot(...toCartesian(n, basis)))) / 2
}

/** x, y and z of all lattice vectors of length `radius` at most. */
function shiftsWithin(radius: number, basis: Mat3): Float64Array {
  const { u1, v1, w1, v2, w2, w3 } = triangularLattice(basis)
  const [l1, l2, l3] = basis
  const found: number[] = []
  const end1 = Math.floor(radius / u1)
  for (let n1 = -end1; n1 <= end1; n1++) {
    const u = n1 * u1
    const disc2 = radius * radius - u * u
    const disc = Math.sqrt(disc2)
    const end2 = Math.floor((disc - n1 * v1) / v2)
    for (let n2 = Math.ceil((-disc - n1 * v1) / v2); n2 <= end2; n2++) {
      const v = n1 * v1 + n2 * v2
      const w = n1 * w1 + n2 * w2
      const chord = Math.sqrt(disc2 - v * v)
      const end3 = Math.floor((chord - w) / w3)
      for (let n3 = Math.ceil((-chord - w) / w3); n3 <= end3; n3++) {
        for (let x = 0; x < 3; x++) found.push(n1 * l1[x] + n2 * l2[x] + n3 * l3[x])
      }
    }
  }
  const count = found.length / 3
  const shifts = new Float64Array(found.length)
  for (let n = 0; n < count; n++) for (let x = 0; x < 3; x++) shifts[x * count + n] = found[3 * n + x]
  return shifts
}

/** What is asked of the kernels about a cell: places and counts, 0 for what they are not asked. */
export interface CellRequest {
  readonly radii?: number
  readonly occupied?: number
  readonly images?: number
  readonly pairs?: number
  readonly sums?: number
  readonly closest?: number
  readonly rows?: number
  readonly rowList?: number
  readonly number?: number
  readonly pairStart?: number
  readonly pairAtom?: number
  readonly imageStart?: number
  readonly distance2?: number
  readonly unit?: number
  readonly firstAtom?: number
  readonly firstPair?: number
  readonly firstImage?: number
  readonly mostPairs?: number
  readonly mostImages?: number
}

const REQUEST: readonly (keyof CellRequest)[] = [
  ...(['radii', 'occupied', 'images', 'pairs', 'sums', 'closest', 'rows', 'rowList', 'number'] as const),
  ...(['pairStart', 'pairAtom', 'imageStart', 'distance2', 'unit'] as const),
  ...(['firstAtom', 'firstPair', 'firstImage', 'mostPairs', 'mostImages'] as const),
]

/** Writes a cell and what is asked of it: the place of `enum cell_words`. */
export function placeCell(memory: Arena, cell: Cell, request: CellRequest): number {
  const { atoms, bins } = cell
  const isLarge = bins[0] > 0
  const before = [
    atoms,
    cell.shifts.length / 3,
    ...[cell.basis, cell.places, cell.shifts].map((values) => memory.placeDoubles(values)),
  ]
  const sorted = isLarge
    ? [memory.take(atoms), memory.take(bins[0] * bins[1] * bins[2] + 1), memory.take(6 * atoms)]
    : [0, 0, 0]
  return memory.placeInts([...before, ...REQUEST.map((name) => request[name] ?? 0), ...sorted, ...bins])
}
