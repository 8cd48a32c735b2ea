// Disorder as ASE keeps it: an atom a site, of the element that has most of it, and the shares beside the atoms, by kind of
// site: `info["occupancy"]`, {"0": {"Ni": 0.4, "Co": 0.6}, …}, with the array `spacegroup_kinds` (ase/spacegroup/spacegroup.py).

import { StructureError } from '../../errors.ts'
import { elementOfSymbol, symbolOf } from '../elements.ts'
import { siteOf } from '../occupancy.ts'
import { FULL, type Occupant, type Site } from '../structure.ts'

/**
 * The sites of such atoms; undefined where all are ordered.
 * @param kinds by atom, where the file has them; without, elements tell which sites are which
 * @throws StructureError for shares that are none, or that cannot be told to be an atom's
 */
export function sitesByKind(
  numbers: readonly number[],
  occupancy: unknown,
  kinds: readonly number[] | undefined,
  warn: (message: string) => void,
): Site[] | undefined {
  const known = new Map(
    Object.entries(Object(occupancy)).map(([kind, shares]) => [kind, sharesOf(kind, shares)]),
  )
  if (![...known.values()].some(isMixed)) return undefined
  const sites: Site[] = []
  for (const [n, element] of numbers.entries()) {
    const candidates = kinds ? [known.get(String(kinds[n]))] : [...known.values()]
    const fitting = candidates.filter((shares) => shares !== undefined && hasMost(shares, element))
    if (fitting.length === 0) {
      warn(
        'occupancies that ASE kept do not fit the elements of the atoms, and are not taken: as if somebody had put one element on each site',
      )
      return undefined
    }
    if (new Set(fitting.map(keyOf)).size > 1) {
      throw new StructureError(
        `site ${n + 1}: sites of ${symbolOf(element)} have several occupancies, and the file does not say which is this one's; write it as extended XYZ, with spacegroup_kinds`,
      )
    }
    sites.push(siteOf(fitting[0]!, `site ${n + 1}`, warn))
  }
  return sites
}

function sharesOf(kind: string, shares: unknown): Occupant[] {
  return Object.entries(Object(shares)).flatMap(([symbol, occupancy]) => {
    const element = elementOfSymbol(symbol)
    if (element === undefined || typeof occupancy !== 'number' || !(occupancy >= 0)) {
      throw new StructureError(
        `occupancy of kind ${kind}: ${JSON.stringify({ [symbol]: occupancy })}, expected an element and its share`,
      )
    }
    return occupancy === 0 ? [] : [{ element, occupancy }]
  })
}

function isMixed(shares: readonly Occupant[]): boolean {
  return shares.length > 1 || shares.some(({ occupancy }) => occupancy < 2 - FULL)
}

/** The element that ASE puts on a site is one of those with the largest share. */
function hasMost(shares: readonly Occupant[], element: number): boolean {
  const most = Math.max(...shares.map(({ occupancy }) => occupancy))
  return shares.some((one) => one.element === element && one.occupancy === most)
}

function keyOf(shares: readonly Occupant[] | undefined): string {
  return JSON.stringify(
    [...shares!].sort((a, b) => a.element - b.element).map(({ element, occupancy }) => [element, occupancy]),
  )
}
