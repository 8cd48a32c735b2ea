// Crystals that are strained and shaken, for data sets that are made. Coordinates are rounded, so that what is written to a
// file is exactly what was looked at.

import { type Structure, structure } from '../crystal/structure.ts'
import type { Random } from '../math/random/random.ts'
import { dot, type Mat3, plus, times, type Vec3 } from '../math/vectors.ts'
import { reciprocalVectors } from '../periodic/lattice.ts'

/** Coordinates are rounded to 1e-6 before they are labelled, which keeps the files small and the labels exact. */
const DIGITS = 1e6

/** `diagonal` times the unit matrix plus a symmetric one, whose six components are normal with this standard deviation. */
export function plusSymmetric(diagonal: number, deviation: number, rng: Random): Mat3 {
  const [xx, yy, zz, yz, xz, xy] = Array.from({ length: 6 }, () => deviation * rng.normal())
  return [
    [diagonal + xx, xy, xz],
    [xy, diagonal + yy, yz],
    [xz, yz, diagonal + zz],
  ]
}

/**
 * The crystal with its lattice rows multiplied by `deformation`, and every atom displaced along each axis by a normal
 * number of standard deviation `rattle` in Å.
 */
export function deformed(
  { lattice, frac, species }: Structure,
  { deformation, rattle }: { readonly deformation: Mat3; readonly rattle: number },
  rng: Random,
): Structure {
  const strained = lattice.map((row) => rounded(times(row, deformation))) as unknown as Mat3
  const reciprocal = reciprocalVectors(strained)
  return structure({
    lattice: strained,
    frac: frac.map((f) => {
      const shift: Vec3 = [rattle * rng.normal(), rattle * rng.normal(), rattle * rng.normal()]
      const [x, y, z] = reciprocal.map((b) => dot(b, shift) / (2 * Math.PI))
      return rounded(plus(f, [x, y, z]))
    }),
    species,
  })
}

function rounded([x, y, z]: Vec3): Vec3 {
  return [Math.round(x * DIGITS) / DIGITS, Math.round(y * DIGITS) / DIGITS, Math.round(z * DIGITS) / DIGITS]
}
