// The lattices that Quantum ESPRESSO knows by ibrav (https://www.quantum-espresso.org/Doc/INPUT_PW.html#ibrav).

import type { Mat3 } from '../../math/vectors.ts'

export interface Celldm {
  /** Å */
  readonly a: number
  /** celldm(2) to celldm(6): b/a, c/a and cosines; or B/A, C/A, cosAB, cosAC, cosBC. */
  readonly more: readonly (number | undefined)[]
  /** Whether the cosines are cosAB, cosAC, cosBC. */
  readonly traditional: boolean
}

/** Lattice rows in Å; undefined for an ibrav that is not known, or where a number that it needs is missing. */
export function latticeOfIbrav(ibrav: number, { a, more, traditional }: Celldm): Mat3 | undefined {
  const [b = Number.NaN, c = Number.NaN, ...cosines] = more
  const [first = Number.NaN, second = Number.NaN, third = Number.NaN] = cosines
  // celldm(4) is cosBC in a triclinic cell, and the only cosine of any other.
  const [ab, ac, bc] = traditional ? [first, second, third] : [third, second, first]
  const only = ibrav === -12 || ibrav === -13 ? (traditional ? ac : second) : first
  const rows = rowsOf(ibrav, b, c, { ab, ac, bc, only })
  if (rows === undefined || rows.flat().some(Number.isNaN)) return undefined
  return rows.map((row) => row.map((x) => x * a)) as unknown as Mat3
}

function rowsOf(
  ibrav: number,
  b: number,
  c: number,
  { ab, ac, bc, only }: { ab: number; ac: number; bc: number; only: number },
): Mat3 | undefined {
  const sine = Math.sqrt(1 - only * only)
  const [tx, ty, tz] = [Math.sqrt((1 - only) / 2), Math.sqrt((1 - only) / 6), Math.sqrt((1 + 2 * only) / 3)]
  const [u, v] = [tz - 2 * Math.SQRT2 * ty, tz + Math.SQRT2 * ty].map((x) => x / Math.sqrt(3))
  // biome-ignore format: a lattice a line, as in the documentation
  switch (ibrav) {
    case 1: return [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    case 2: return [[-0.5, 0, 0.5], [0, 0.5, 0.5], [-0.5, 0.5, 0]]
    case 3: return [[0.5, 0.5, 0.5], [-0.5, 0.5, 0.5], [-0.5, -0.5, 0.5]]
    case -3: return [[-0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.5, 0.5, -0.5]]
    case 4: return [[1, 0, 0], [-0.5, Math.sqrt(3) / 2, 0], [0, 0, c]]
    case 5: return [[tx, -ty, tz], [0, 2 * ty, tz], [-tx, -ty, tz]]
    case -5: return [[u, v, v], [v, u, v], [v, v, u]]
    case 6: return [[1, 0, 0], [0, 1, 0], [0, 0, c]]
    case 7: return [[0.5, -0.5, c / 2], [0.5, 0.5, c / 2], [-0.5, -0.5, c / 2]]
    case 8: return [[1, 0, 0], [0, b, 0], [0, 0, c]]
    case 9: return [[0.5, b / 2, 0], [-0.5, b / 2, 0], [0, 0, c]]
    case -9: return [[0.5, -b / 2, 0], [0.5, b / 2, 0], [0, 0, c]]
    case 91: return [[1, 0, 0], [0, b / 2, -c / 2], [0, b / 2, c / 2]]
    case 10: return [[0.5, 0, c / 2], [0.5, b / 2, 0], [0, b / 2, c / 2]]
    case 11: return [[0.5, b / 2, c / 2], [-0.5, b / 2, c / 2], [-0.5, -b / 2, c / 2]]
    case 12: return [[1, 0, 0], [b * only, b * sine, 0], [0, 0, c]]
    case -12: return [[1, 0, 0], [0, b, 0], [c * only, 0, c * sine]]
    case 13: return [[0.5, 0, -c / 2], [b * only, b * sine, 0], [0.5, 0, c / 2]]
    case -13: return [[0.5, b / 2, 0], [-0.5, b / 2, 0], [c * only, 0, c * sine]]
    case 14: {
      const s = Math.sqrt(1 - ab * ab)
      const z = Math.sqrt(1 + 2 * bc * ac * ab - bc * bc - ac * ac - ab * ab) / s
      return [[1, 0, 0], [b * ab, b * s, 0], [c * ac, (c * (bc - ac * ab)) / s, c * z]]
    }
  }
  return undefined
}
