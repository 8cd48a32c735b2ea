// A cell as the kernels look for its images (source/table.h): a reduced basis, where the atoms are in it, and room for
// the lattice vectors within reach, or for bins.

import { fractionalOf, heights, toCartesian } from '../../src/crystal/cell.ts'
import { cellVolume, type Structure } from '../../src/crystal/structure.ts'
import { length, type Mat3, type Vec3 } from '../../src/math/vectors.ts'
import { reducedLattice } from '../../src/periodic/lattice.ts'
import { SHELL_TOLERANCE } from '../../src/periodic/sphere.ts'
import type { Arena } from './arena.ts'

/** Cells of more atoms go through bins. */
const PAIRWISE_ATOMS = 256
/** So do long ones, about whose atoms more lattice vectors than this may have to be looked at. */
const MOST_SHIFTS = 20_000
/** Bins along an axis at most. */
const MOST_BINS = 128

export interface Cell {
  readonly atoms: number
  /** basis as rows, distances of its planes, radius, half of the longest diagonal */
  readonly basis: Float64Array
  /** [N, 3] numbers of the places in that basis */
  readonly places: Float64Array
  /** lattice vectors within reach at most; bins need none */
  readonly shifts: number
  /** shells of 1 Å that they are in */
  readonly shells: number
  /** along each axis; zeros for pairs */
  readonly bins: Vec3
}

/** @param radius of the sphere of images, Å */
export function cellOf({ lattice, frac }: Structure, radius: number): Cell {
  const reach = radius + SHELL_TOLERANCE
  const basis = reducedLattice(lattice)
  const apart = heights(basis)
  const diagonal = halfDiagonal(basis)
  const numbersOf = fractionalOf(basis)
  const places = new Float64Array(3 * frac.length)
  for (const [i, f] of frac.entries()) places.set(numbersOf(toCartesian(f, lattice)), 3 * i)
  // As many cells as fit into a sphere that holds all of them whole.
  const shifts = Math.ceil(((4 / 3) * Math.PI * (reach + 2 * diagonal) ** 3) / Math.abs(cellVolume(basis)))
  const byBins = frac.length > PAIRWISE_ATOMS || shifts > MOST_SHIFTS
  const [b1, b2, b3] = apart.map((height) =>
    Math.min(MOST_BINS, Math.max(1, Math.floor((2 * height) / reach))),
  )
  return {
    atoms: frac.length,
    basis: Float64Array.of(...basis.flat(), ...apart, reach, diagonal),
    places,
    shifts: byBins ? 1 : shifts,
    shells: byBins ? 1 : Math.floor(reach + diagonal) + 1,
    bins: byBins ? [b1, b2, b3] : [0, 0, 0],
  }
}

/** How long a vector can be whose numbers are ½ at most. */
function halfDiagonal(basis: Mat3): number {
  let longest = 0
  for (const s2 of [1, -1]) {
    for (const s3 of [1, -1]) longest = Math.max(longest, length(toCartesian([1, s2, s3], basis)))
  }
  return longest / 2
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

const REQUEST: readonly Exclude<keyof CellRequest, 'radii' | 'occupied'>[] = [
  ...(['images', 'pairs', 'sums', 'closest', 'rows', 'rowList', 'number'] as const),
  ...(['pairStart', 'pairAtom', 'imageStart', 'distance2', 'unit'] as const),
  ...(['firstAtom', 'firstPair', 'firstImage', 'mostPairs', 'mostImages'] as const),
]

/** Writes a cell and what is asked of it: the place of `enum cell_words`. */
export function placeCell(memory: Arena, cell: Cell, request: CellRequest): number {
  const { atoms, bins } = cell
  const byBins = bins[0] > 0
  const { radii = 0, occupied = 0, ...asked } = request
  const before = [
    atoms,
    ...[cell.basis, cell.places].map((values) => memory.placeDoubles(values)),
    ...[radii, occupied],
    ...[cell.shifts, memory.takeDoubles(3 * cell.shifts), cell.shells, memory.take(cell.shells)],
  ]
  const sorted = byBins
    ? [memory.take(atoms), memory.take(bins[0] * bins[1] * bins[2] + 1), memory.takeDoubles(3 * atoms)]
    : [0, 0, 0]
  return memory.placeInts([...before, ...REQUEST.map((name) => asked[name] ?? 0), ...sorted, ...bins])
}
