// What was seen in the crystals that a network learned from: elements, pairs of them, packing, and how they spread.

import { quantile } from './levels.ts'
import { type Look, pairsOf } from './look.ts'
import { short } from './packed.ts'
import type { Domain } from './section.ts'

/** Crystals of mean error that every element has besides its own: one that is rare says little. */
const MEAN_CRYSTALS = 3
/** Share of the crystals on each side that says nothing of how densely crystals are packed. */
const STRANGEST = 0.005

export type SeenSection = Pick<
  Domain,
  | 'elements'
  | 'pairs'
  | 'closest'
  | 'filling_spread'
  | 'arities'
  | 'disordered'
  | 'sites'
  | 'volume_per_atom'
  | 'filling'
>

/** Of log filling: crystals that are all packed alike would make any other one infinitely strange. */
const SMALLEST_SPREAD = 0.03

/** One crystal: its sites, and the error of the network on it, in standard deviations of the targets. */
export interface SeenCrystal {
  readonly look: Look
  readonly sites: number
  readonly error: number
}

/** @param crystals at least one */
export function fitSeen(crystals: readonly SeenCrystal[]): SeenSection {
  const meanError = crystals.reduce((sum, { error }) => sum + error, 0) / crystals.length
  const elements = new Map<number, { count: number; weight: number; errors: number; fillings: number }>()
  const pairs = new Map<string, { pair: readonly [number, number]; count: number; closest: number }>()
  const arities: number[] = []
  for (const { look, error } of crystals) {
    const together = [...pairsOf(look.elements), ...look.elements.map(([z]) => [z, z] as const)]
    for (const pair of together) {
      const known = pairs.get(String(pair)) ?? { pair, count: 0, closest: 0 }
      known.count++
      pairs.set(String(pair), known)
    }
    for (const { elements, ratio } of look.contacts) {
      const known = pairs.get(String(elements))!
      known.closest = known.closest === 0 ? ratio : Math.min(known.closest, ratio)
    }
    for (const [z, share] of look.elements) {
      const known = elements.get(z) ?? { count: 0, weight: 0, errors: 0, fillings: 0 }
      elements.set(z, {
        count: known.count + 1,
        weight: known.weight + share,
        errors: known.errors + share * error,
        fillings: known.fillings + share * Math.log(look.filling),
      })
    }
    const arity = look.elements.length - 1
    while (arities.length <= arity) arities.push(0)
    arities[arity]++
  }
  const squares = crystals.map(({ look }) => {
    const usual = look.elements.reduce((sum, [z, share]) => {
      const { fillings, weight } = elements.get(z)!
      return sum + (share * fillings) / weight
    }, 0)
    return (Math.log(look.filling) - usual) ** 2
  })
  const spread = Math.sqrt(squares.reduce((sum, x) => sum + x, 0) / squares.length)
  const contacts = [...pairs.values()].flatMap(({ closest }) => (closest > 0 ? [closest] : []))
  const filling = sorted(crystals.map(({ look }) => look.filling))
  const volumes = sorted(crystals.map(({ look }) => look.volumePerAtom))
  const sites = sorted(crystals.map((crystal) => crystal.sites))
  return {
    elements: [...elements]
      .sort(([a], [b]) => a - b)
      .map(([z, { count, weight, errors, fillings }]) => {
        const error = (errors + MEAN_CRYSTALS * meanError) / (weight + MEAN_CRYSTALS)
        return [z, count, short(error), short(fillings / weight)]
      }),
    pairs: [...pairs.values()]
      .sort(({ pair: [a, b] }, { pair: [c, d] }) => a - c || b - d)
      .map(({ pair: [a, b], count, closest }) => [a, b, count, short(closest)]),
    closest: short(contacts.reduce((least, ratio) => Math.min(least, ratio), 1)),
    filling_spread: short(Math.max(SMALLEST_SPREAD, spread)),
    arities,
    disordered: crystals.filter(({ look }) => look.disordered).length,
    sites: [sites[0], sites.at(-1)!],
    volume_per_atom: [short(volumes[0]), short(volumes.at(-1)!)],
    filling: [short(quantile(filling, STRANGEST)), short(quantile(filling, 1 - STRANGEST))],
  }
}

function sorted(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort()
}
