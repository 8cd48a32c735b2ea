// Electrostatic energy of a periodic set of point charges, by Ewald's sum in float64: one part sums over images in
// real space, one over waves, each converging like a Gaussian. For cells of any shape and either handedness.

import { cellVolume, type Structure } from '../../crystal/structure.ts'
import { StructureError } from '../../errors.ts'
import { reciprocalVectors } from '../../periodic/lattice.ts'
import { neighbourTable } from '../../periodic/neighbours.ts'
import { erfc } from '../../periodic/radius.ts'

/** e²/4πε₀ in eV·Å (CODATA 2018). */
export const COULOMB = 14.3996454784

/** Time of a real-space image over that of an atom's phase under one wave: what the split is balanced by. Measured. */
const IMAGE_OVER_WAVE = 4
/** Charges that add up to less than this count as neutral, in e. */
const NEUTRAL = 1e-9
/** Two ions nearer than this (Å) are one place. */
const COINCIDENT = 1e-6

export interface EwaldOptions {
  /** What either sum neglects, relative to the self energy of the charges. Default 1e-10. */
  readonly tolerance?: number
  /** Width parameter α of the screening Gaussians in Å⁻¹; the result does not depend on it. Default: the fastest. */
  readonly alpha?: number
}

/**
 * E = ½ Σ_ij Σ_n q_i q_j k / |p_j + n·L − p_i| in eV per cell (the term i = j, n = 0 left out), as the sum of
 *
 *     real        k/2   Σ q_i q_j erfc(α r)/r
 *     reciprocal  2πk/V Σ_{G ≠ 0} exp(−G²/4α²)/G² · |Σ_i q_i exp(i G·p_i)|²
 *     self        −k α/√π Σ q_i²
 *
 * with r ≤ s/α and |G| ≤ 2αs, where exp(−s²) = tolerance. The average potential is zero and the crystal stands in a
 * conductor ("tin foil"): no surface term. P. P. Ewald, Ann. Phys. 369, 253 (1921); balance of the two sums as in
 * D. Fincham, Mol. Simul. 13, 1 (1994).
 *
 * @param charges one a site, in units of e
 * @throws StructureError when the cell is not neutral or two ions share a place
 */
export function electrostaticEnergy(
  structure: Structure,
  charges: readonly number[],
  options: EwaldOptions = {},
): number {
  checkCharges(structure, charges)
  const { tolerance = 1e-10, alpha = fastestAlpha(structure) } = options
  const s = Math.sqrt(-Math.log(tolerance))
  const self = (-COULOMB * alpha * charges.reduce((sum, q) => sum + q * q, 0)) / Math.sqrt(Math.PI)
  return (
    realSum(structure, charges, alpha, s / alpha) +
    reciprocalSum(structure, charges, alpha, 2 * alpha * s) +
    self
  )
}

/** N atoms have about 4π/3·N²/V·(s/α)³ images and 2π/3·V/(2π)³·(2αs)³ waves; this α makes the time smallest. */
function fastestAlpha({ frac, lattice }: Structure): number {
  return ((2 * Math.PI ** 3 * frac.length * IMAGE_OVER_WAVE) / cellVolume(lattice) ** 2) ** (1 / 6)
}

function realSum(structure: Structure, charges: readonly number[], alpha: number, radius: number): number {
  const { atoms, offsets, neighbour, displacement } = neighbourTable(structure, { kind: 'sphere', radius })
  let energy = 0
  for (let i = 0; i < atoms; i++) {
    let potential = 0
    for (let image = offsets[i]; image < offsets[i + 1]; image++) {
      const j = neighbour[image]
      const [x, y, z] = [displacement[3 * image], displacement[3 * image + 1], displacement[3 * image + 2]]
      const r = Math.sqrt(x * x + y * y + z * z)
      if (r < COINCIDENT) {
        if (j === i) continue
        throw new StructureError(
          `sites ${i + 1} and ${j + 1} are at the same place; their energy is infinite`,
        )
      }
      potential += (charges[j] * erfc(alpha * r)) / r
    }
    energy += charges[i] * potential
  }
  return (COULOMB / 2) * energy
}

function reciprocalSum(
  { lattice, frac }: Structure,
  charges: readonly number[],
  alpha: number,
  cutoff: number,
): number {
  const [b1, b2, b3] = reciprocalVectors(lattice)
  // |G·l_m| = 2π|n_m| bounds the indices by the lengths of the lattice vectors.
  const [m1, m2, m3] = lattice.map((l) => Math.floor((cutoff * Math.hypot(...l)) / (2 * Math.PI)))
  let energy = 0
  // One of each pair ±G, since both add the same.
  for (let n1 = 0; n1 <= m1; n1++) {
    for (let n2 = n1 === 0 ? 0 : -m2; n2 <= m2; n2++) {
      for (let n3 = n1 === 0 && n2 === 0 ? 1 : -m3; n3 <= m3; n3++) {
        const x = n1 * b1[0] + n2 * b2[0] + n3 * b3[0]
        const y = n1 * b1[1] + n2 * b2[1] + n3 * b3[1]
        const z = n1 * b1[2] + n2 * b2[2] + n3 * b3[2]
        const norm2 = x * x + y * y + z * z
        if (norm2 > cutoff * cutoff) continue
        let cosine = 0
        let sine = 0
        for (let i = 0; i < charges.length; i++) {
          const phase = 2 * Math.PI * (n1 * frac[i][0] + n2 * frac[i][1] + n3 * frac[i][2])
          cosine += charges[i] * Math.cos(phase)
          sine += charges[i] * Math.sin(phase)
        }
        energy += (Math.exp(-norm2 / (4 * alpha * alpha)) / norm2) * (cosine * cosine + sine * sine)
      }
    }
  }
  return ((4 * Math.PI * COULOMB) / Math.abs(cellVolume(lattice))) * energy
}

function checkCharges({ frac }: Structure, charges: readonly number[]): void {
  if (charges.length !== frac.length) {
    throw new StructureError(`${charges.length} charges for ${frac.length} sites`)
  }
  const total = charges.reduce((sum, q) => sum + q, 0)
  if (!(Math.abs(total) < NEUTRAL)) {
    throw new StructureError(`the cell carries a charge of ${total} e; a periodic crystal must be neutral`)
  }
}
