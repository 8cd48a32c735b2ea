// A check that every structure gets: atoms closer to each other than any two nuclei in a crystal are.
// It finds wrong origins, doubled atoms and mixed-up units, which no format reader can see.

import { pointGrid } from './point-grid.ts'
import type { Site, Structure } from './structure.ts'

/** Å. The shortest bond there is, H–H, is 0.74 Å. */
export const OVERLAP = 0.5

/** One warning that counts the overlapping pairs, or none. Sites that are never occupied together do not count. */
export function overlapWarnings(s: Structure): string[] {
  const grid = pointGrid(s.lattice, OVERLAP, s.frac.length)
  const pairs: string[] = []
  for (let i = 0; i < s.frac.length; i++) {
    for (const j of grid.near(s.frac[i])) {
      if (occupied(s.species[i]) + occupied(s.species[j]) > 1.05) pairs.push(`${j + 1} and ${i + 1}`)
    }
    grid.add(s.frac[i])
  }
  if (pairs.length === 0) return []
  const more = pairs.length > 1 ? `, and ${pairs.length - 1} other pairs` : ''
  return [`sites ${pairs[0]}${more} are closer than ${OVERLAP} Å to each other`]
}

function occupied(site: Site): number {
  return site.reduce((sum, o) => sum + o.occupancy, 0)
}
