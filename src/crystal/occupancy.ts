// What one site may hold, for every format alike: shares that add up to a little more than one, as refined ones do, are
// scaled to it with a warning; more than that is no site.

import { StructureError } from '../errors.ts'
import { FULL, type Occupant, type Site } from './structure.ts'

/** Occupancies of one site may add up to this. */
const OVERFULL = 1.15

/**
 * The site of these occupants, those of one element taken together.
 * @param name how messages call it: `site 3`
 * @throws StructureError when they add up to more than can be meant
 */
export function siteOf(occupants: readonly Occupant[], name: string, warn: (message: string) => void): Site {
  const amounts = new Map<number, number>()
  let total = 0
  for (const { element, occupancy } of occupants) {
    amounts.set(element, (amounts.get(element) ?? 0) + occupancy)
    total += occupancy
  }
  if (total > OVERFULL) {
    throw new StructureError(
      `${name}: occupancies that add up to ${total.toFixed(3)}, expected at most 1; correct them, or give each its own site`,
    )
  }
  if (total > FULL) warn(`the occupancies of ${name} add up to ${total.toFixed(3)}; they are scaled to 1`)
  const scale = total > 1 ? 1 / total : 1
  return [...amounts].map(([element, n]) => ({ element, occupancy: Math.min(1, n * scale) }))
}
