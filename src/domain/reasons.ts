// Why a crystal is outside of a domain whatever the network makes of it: elements that were never seen, and geometry that
// no crystal had. In words, for people.

import { symbolOf } from '../crystal/elements.ts'
import { learned, type Transformed } from '../math/transform.ts'
import { type Contact, type Look, pairsOf } from './look.ts'
import type { Domain } from './section.ts'
import { pairKey, type Seen } from './signals.ts'

/** How much closer two elements may come, or looser or denser atoms may be packed, than in any crystal seen. */
const CLOSER = 0.9
const SPARSER = 0.75
const DENSER = 1.3
/** Crystals that tell how close two elements come; with fewer, what any two elements do counts. */
const ENOUGH = 5
/** Standard deviations by which a prediction may leave the range of the targets. */
const BEYOND = 0.5
/** Share of the held-out crystals with elements that never met before, from which on it is known what that means. */
const FEW_UNSEEN = 0.05

/** The part of a domain that reasons come from. */
export type Bounds = Pick<
  Domain,
  'arities' | 'closest' | 'disordered' | 'filling' | 'targets' | 'unseen_pairs'
>

/** Name, unit and standard deviation of what is predicted; the last of what was learned of it. */
export interface Predicted extends Transformed {
  readonly name: string
  readonly unit: string
  readonly std: number
}

/** @param values [targets], in their units */
export function reasonsOf(
  bounds: Bounds,
  seen: Seen,
  look: Look,
  values: ArrayLike<number>,
  targets: readonly Predicted[],
): string[] {
  return [
    ...unseenElements(seen, look),
    ...(bounds.unseen_pairs < FEW_UNSEEN ? unseenPairs(seen, look) : []),
    ...(bounds.arities[look.elements.length - 1] ? [] : [arity(bounds, look)]),
    ...(look.disordered && bounds.disordered === 0 ? ['shared or partly empty sites were never seen'] : []),
    ...look.contacts.flatMap((contact) => tooClose(bounds, seen, contact) ?? []),
    ...packing(bounds, look),
    ...bounds.targets.flatMap(([low, high], t) => beyond(targets[t], values[t], low, high)),
  ]
}

/**
 * Elements of a crystal that were never seen together. No reason alone where many such crystals were held out: how well those
 * are predicted is known then, and the score tells it.
 */
export function unseenPairs(seen: Seen, { elements }: Look): string[] {
  return pairsOf(elements)
    .filter((pair) => !seen.pairs.has(pairKey(pair)) && pair.every((z) => seen.elements.has(z)))
    .map(([a, b]) => `${symbolOf(a)} and ${symbolOf(b)} were never seen together`)
}

function unseenElements(seen: Seen, { elements }: Look): string[] {
  return elements.flatMap(([z]) => (seen.elements.has(z) ? [] : [`element ${symbolOf(z)} was never seen`]))
}

function arity({ arities }: Bounds, { elements }: Look): string {
  const known = arities.flatMap((count, n) => (count > 0 ? [n + 1] : []))
  const found = elements.length === 1 ? 'one element alone' : `${elements.length} elements`
  return `crystals of ${found} were never seen, only of ${known.join(', ')}`
}

function tooClose(
  { closest }: Bounds,
  seen: Seen,
  { elements, distance, ratio }: Contact,
): string | undefined {
  const pair = seen.pairs.get(pairKey(elements))
  const known = pair && pair.count >= ENOUGH && pair.closest > 0 ? pair.closest : closest
  if (ratio >= CLOSER * known) return undefined
  const [a, b] = elements.map(symbolOf)
  const least = (known * distance) / ratio
  return `${a} and ${b} ${distance.toFixed(2)} Å apart, never seen closer than ${least.toFixed(2)} Å`
}

function packing({ filling: [least, most] }: Bounds, { filling, volumePerAtom }: Look): string[] {
  if (filling >= SPARSER * least && filling <= DENSER * most) return []
  const [kind, seen] =
    filling < least ? ['sparse', `less than ${percent(least)}`] : ['dense', `more than ${percent(most)}`]
  return [
    `too ${kind}: ${rounded(volumePerAtom)} Å³ an atom, of which covalent spheres take ${percent(filling)}, never seen ${seen}`,
  ]
}

function beyond(target: Predicted, value: number, low: number, high: number): string[] {
  const { name, unit, std } = target
  const [y, least, most] = [value, low, high].map((x) => learned(x, target))
  if (y >= least - BEYOND * std && y <= most + BEYOND * std) return []
  return [
    `${name} ${rounded(value)} ${unit} lies beyond what was seen, ${rounded(low)} to ${rounded(high)} ${unit}`,
  ]
}

function rounded(x: number): string {
  return String(Number(x.toPrecision(3)))
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`
}
