// How close atoms come to each other, measured by their covalent radii: what finds doubled sites, wrong units and cells
// that are too small. In 26,000 computed crystals no two atoms are closer than 0.65 of the sum of their radii.

import { covalentRadius } from '../crystal/covalent-radii.ts'
import type { Structure } from '../crystal/structure.ts'
import { StructureError } from '../errors.ts'
import { neighbourTable } from './neighbours.ts'
import type { NeighbourTable } from './types.ts'

/** Sums of covalent radii below which two atoms lie in each other. */
export const TOO_CLOSE = 0.5
/** Sites whose occupancies add up to no more than one are never occupied together. */
export const TOGETHER = 1.05

/** Two atoms, or one and its own image, by the number of their sites. */
export interface ClosestAtoms {
  readonly sites: readonly [number, number]
  /** Å */
  readonly distance: number
  /** To the sum of their covalent radii; infinite where no two are within the table. */
  readonly ratio: number
}

/** The pair of atoms in `table` that lies closest, by the ratio. Of a mixed site the smallest radius counts. */
export function closestAtoms(
  { species }: Structure,
  { atoms, offsets, neighbour, displacement }: NeighbourTable,
): ClosestAtoms {
  const radius = radiiOf(species)
  const occupied = occupiedOf(species)
  let closest: ClosestAtoms = {
    sites: [0, 0],
    distance: Number.POSITIVE_INFINITY,
    ratio: Number.POSITIVE_INFINITY,
  }
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < atoms; i++) {
    for (let image = offsets[i]; image < offsets[i + 1]; image++) {
      const x = displacement[3 * image]
      const y = displacement[3 * image + 1]
      const z = displacement[3 * image + 2]
      const r2 = x * x + y * y + z * z
      const j = neighbour[image]
      const bond = radius[i] + radius[j]
      if (r2 >= least * bond * bond) continue
      // The atom itself; two atoms on one point are a pair at distance 0.
      if ((r2 === 0 && i === j) || occupied[i] + occupied[j] <= TOGETHER) continue
      least = r2 / (bond * bond)
      closest = { sites: [i, j], distance: Math.sqrt(r2), ratio: Math.sqrt(least) }
    }
  }
  return closest
}

/**
 * Refuses a crystal whose atoms lie in each other: a network gives a number for it all the same.
 * @throws StructureError naming the two sites
 */
export function refuseOverlap(structure: Structure): void {
  refuseClose(
    closestAtoms(structure, neighbourTable(structure, { kind: 'sphere', radius: overlapReach(structure) })),
  )
}

/** Å within which atoms of a crystal could lie in each other. */
export function overlapReach({ species }: Structure): number {
  return 2 * TOO_CLOSE * radiiOf(species).reduce((most, r) => Math.max(most, r), 0)
}

/** @throws StructureError naming the two sites */
export function refuseClose({ sites, distance, ratio }: ClosestAtoms): void {
  if (ratio >= TOO_CLOSE) return
  const [i, j] = sites
  const pair = i === j ? `site ${i + 1} and its own periodic image` : `sites ${i + 1} and ${j + 1}`
  throw new StructureError(
    `${pair} are ${distance.toFixed(2)} Å apart, ${ratio.toFixed(2)} of the sum of their covalent radii, expected at ` +
      `least ${TOO_CLOSE}: no crystal; check the units, the cell and doubled sites`,
  )
}

/** How much of each site is occupied. */
export function occupiedOf(species: Structure['species']): Float64Array {
  return Float64Array.from(species, (site) => site.reduce((sum, o) => sum + o.occupancy, 0))
}

/** Å, one a site: the smallest covalent radius of what is on it. */
export function radiiOf(species: Structure['species']): Float64Array {
  return Float64Array.from(species, (site) => Math.min(...site.map((o) => covalentRadius(o.element))))
}
