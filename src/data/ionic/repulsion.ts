// Short-range repulsion of closed-shell ions: what keeps point charges from falling into each other.

import type { Structure } from '../../crystal/structure.ts'
import { neighbourTable } from '../../periodic/neighbours.ts'
import { COULOMB } from './ewald.ts'
import type { Ion } from './ions.ts'

/** ρ in Å: the alkali halides have 0.29 to 0.36 (Born & Mayer 1932: 0.345; Kittel, table 3.5: 0.321 for NaCl). */
export const SOFTNESS = 0.32
/**
 * Strength of the repulsion in contact. Rock salt with unit charges is at rest at d = r₊ + r₋ when six bonds balance
 * the Madelung force: 6·(A/ρ) = M·k/d², that is A = (M/6)·kρ/d².
 */
export const STRENGTH = 1.747565 / 6
/** Pairs further apart than contact + this many ρ are left out: exp(−16) = 1e-7 of the energy of a contact. */
const REACH = 16

/**
 * Born–Mayer repulsion ½ Σ_ij Σ_n A_ij exp((r_i + r_j − r)/ρ) over all images, in eV per cell, with
 * A_ij = STRENGTH·k·|q_i q_j|·ρ/(r_i + r_j)²: a pair in contact repels in proportion to how strongly its charges pull,
 * so that ions of every charge come to rest about where their radii touch. M. Born, J. E. Mayer, Z. Phys. 75, 1 (1932).
 */
export function repulsiveEnergy(structure: Structure, ions: readonly Ion[]): number {
  const largest = ions.reduce((radius, ion) => Math.max(radius, ion.radius), 0)
  const radius = 2 * largest + REACH * SOFTNESS
  const { atoms, offsets, neighbour, displacement } = neighbourTable(structure, { kind: 'sphere', radius })
  let energy = 0
  for (let i = 0; i < atoms; i++) {
    for (let image = offsets[i]; image < offsets[i + 1]; image++) {
      const j = neighbour[image]
      const [x, y, z] = [displacement[3 * image], displacement[3 * image + 1], displacement[3 * image + 2]]
      const r = Math.sqrt(x * x + y * y + z * z)
      if (r === 0) continue
      const contact = ions[i].radius + ions[j].radius
      const strength =
        (STRENGTH * COULOMB * Math.abs(ions[i].charge * ions[j].charge) * SOFTNESS) / contact ** 2
      energy += strength * Math.exp((contact - r) / SOFTNESS)
    }
  }
  return energy / 2
}
