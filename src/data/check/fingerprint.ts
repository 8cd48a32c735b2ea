// A few numbers that are the same for every description of one crystal: whatever the choice of cell, origin, orientation
// and order of atoms. They change smoothly with the geometry, so crystals that differ by rounding or by another
// relaxation have nearly the same. That equal numbers mean equal crystals is likely, not certain.

import { volume } from '../../crystal/cell.ts'
import { composition } from '../../crystal/formula.ts'
import type { Structure } from '../../crystal/structure.ts'
import { type ClosestAtoms, closestAtoms } from '../../periodic/closest.ts'
import { neighbourTable } from '../../periodic/neighbours.ts'

export interface Fingerprint {
  /** The composition: atomic numbers with their shares. Crystals of another one are never the same. */
  readonly composition: string
  /**
   * Volume per atom in Å³; then for every pair of elements (a, b) the mean over all atoms, counting those of a, of
   * Σ_j f(r_j)·exp(−(r_j/σ)²) over the images of b for σ = 1.5, 2.5 and ∞ Å, and of the square of the last sum. f falls
   * smoothly to 0 at the radius.
   */
  readonly values: Float64Array
  /** The pair of atoms that lies closest. */
  readonly closest: ClosestAtoms
}

/** Å. Holds some 60 images of an atom. */
const RADIUS = 6
const [SHORT, MIDDLE] = [1 / 1.5 ** 2, 1 / 2.5 ** 2]
/** Sums over images for each pair of elements, and the square of the last. */
const SUMS = 3

/** @throws StructureError or LimitError for a cell that no neighbour table can be made of. */
export function fingerprint(structure: Structure): Fingerprint {
  const table = neighbourTable(structure, { kind: 'sphere', radius: RADIUS })
  const { atoms, offsets, neighbour, displacement } = table
  const amounts = [...composition(structure)].sort(([a], [b]) => a - b)
  const total = amounts.reduce((sum, [, amount]) => sum + amount, 0)
  const kinds = amounts.length
  const { first, kindOf, occupancyOf } = occupants(
    structure,
    amounts.map(([element]) => element),
  )
  const values = new Float64Array(1 + kinds * kinds * (SUMS + 1))
  values[0] = volume(structure.lattice) / atoms

  const sums = new Float64Array(kinds * SUMS)
  for (let i = 0; i < atoms; i++) {
    sums.fill(0)
    for (let image = offsets[i]; image < offsets[i + 1]; image++) {
      const x = displacement[3 * image]
      const y = displacement[3 * image + 1]
      const z = displacement[3 * image + 2]
      const r2 = x * x + y * y + z * z
      const j = neighbour[image]
      if (r2 === 0 && i === j) continue
      const inside = 1 - r2 / (RADIUS * RADIUS)
      const far = inside * inside
      const short = far * Math.exp(-r2 * SHORT)
      const middle = far * Math.exp(-r2 * MIDDLE)
      for (let o = first[j]; o < first[j + 1]; o++) {
        const at = kindOf[o] * SUMS
        const occupancy = occupancyOf[o]
        sums[at] += occupancy * short
        sums[at + 1] += occupancy * middle
        sums[at + 2] += occupancy * far
      }
    }
    for (let o = first[i]; o < first[i + 1]; o++) {
      const row = 1 + kindOf[o] * kinds * (SUMS + 1)
      const share = occupancyOf[o] / atoms
      for (let kind = 0; kind < kinds; kind++) {
        const at = row + kind * (SUMS + 1)
        for (let s = 0; s < SUMS; s++) values[at + s] += share * sums[kind * SUMS + s]
        values[at + SUMS] += share * sums[kind * SUMS + SUMS - 1] ** 2
      }
    }
  }
  return {
    composition: amounts.map(([element, amount]) => `${element}:${(amount / total).toFixed(4)}`).join(' '),
    values,
    closest: closestAtoms(structure, table),
  }
}

/**
 * What sits on the sites, flat: occupants first[i] … first[i + 1] − 1 of site i, each with the place of its element in
 * `elements` and its occupancy.
 */
function occupants({ species }: Structure, elements: readonly number[]) {
  const first = new Int32Array(species.length + 1)
  for (const [i, site] of species.entries()) first[i + 1] = first[i] + site.length
  const all = species.flat()
  return {
    first,
    kindOf: Int32Array.from(all, ({ element }) => elements.indexOf(element)),
    occupancyOf: Float64Array.from(all, ({ occupancy }) => occupancy),
  }
}

/** Whether two crystals cannot be told apart: every number agrees to the relative `tolerance`. */
export function alike(a: Fingerprint, b: Fingerprint, tolerance: number): boolean {
  if (a.composition !== b.composition) return false
  return a.values.every((x, k) => {
    const y = b.values[k]
    // The absolute part is for pairs at the rim of the sphere, whose sums are next to nothing.
    return Math.abs(x - y) <= tolerance * (Math.max(Math.abs(x), Math.abs(y)) + 1e-3)
  })
}
