// From a crystal to the numbers that tell how far its prediction can be off. Logarithms throughout: errors grow by factors.
// Which signals these are was measured: docs/decisions/019-domain-and-intervals.md.

import type { Neighbourhood } from './features.ts'
import { type Look, pairsOf } from './look.ts'
import type { Domain } from './section.ts'
import type { SIGNALS } from './signal-names.ts'

/** Added before a logarithm, so that nothing is infinitely near or right. */
const FLOOR = { distance: 0.1, error: 0.02, disagreement: 0.03, members: 0.01 } as const

/** Standard deviations beyond which a packing is no stranger still; reasons.ts refuses it long before. */
const STRANGEST_PACKING = 5

/** Statistics of what a model has seen, by element and by pair. */
export interface Seen {
  /** crystals that hold an element, and the mean error on them */
  readonly elements: ReadonlyMap<number, SeenElement>
  /** crystals that hold two elements, and how close they come; keys of pairKey */
  readonly pairs: ReadonlyMap<string, { readonly count: number; readonly closest: number }>
  /** means over all elements, of one that was never seen */
  readonly mean: Omit<SeenElement, 'count'>
  /** of log filling about what the elements say */
  readonly fillingSpread: number
}

interface SeenElement {
  readonly count: number
  readonly error: number
  readonly logFilling: number
}

export function seenIn({
  elements,
  pairs,
  filling_spread,
}: Pick<Domain, 'elements' | 'pairs' | 'filling_spread'>): Seen {
  const crystals = elements.reduce((sum, [, count]) => sum + count, 0)
  return {
    elements: new Map(elements.map(([z, count, error, logFilling]) => [z, { count, error, logFilling }])),
    pairs: new Map(pairs.map(([a, b, count, closest]) => [pairKey([a, b]), { count, closest }])),
    mean: {
      error: elements.reduce((sum, [, count, error]) => sum + count * error, 0) / crystals,
      logFilling: elements.reduce((sum, [, count, , filling]) => sum + count * filling, 0) / crystals,
    },
    fillingSpread: filling_spread,
  }
}

export function pairKey(pair: readonly [number, number]): string {
  return pair.join('-')
}

/** What the signals of one crystal are made from. */
export interface Sighting {
  readonly look: Look
  /** what the centres around it say, where the network gives features */
  readonly near?: Neighbourhood
  /** [targets] the predictions, standardised */
  readonly standardised: readonly number[]
  /** [targets] standard deviations of what the members of an ensemble predict, standardised */
  readonly apart?: readonly number[]
}

/** [SIGNALS]; those of features and of members are 0 without them. */
export function signalsOf(seen: Seen, { look, near, standardised, apart }: Sighting): number[] {
  const counts = pairsOf(look.elements).map((pair) => seen.pairs.get(pairKey(pair))?.count ?? 0)
  const meanPair = (of: (count: number) => number) =>
    counts.length === 0 ? 0 : counts.reduce((sum, count) => sum + of(count), 0) / counts.length
  const meanAtom = (of: (element: number) => number) =>
    look.elements.reduce((sum, [element, share]) => sum + share * of(element), 0)
  const usual = meanAtom((z) => (seen.elements.get(z) ?? seen.mean).logFilling)
  const packing = (Math.log(look.filling) - usual) / seen.fillingSpread
  const signals: Readonly<Record<(typeof SIGNALS)[number], number>> = {
    distance: near ? Math.log(near.distance + FLOOR.distance) : 0,
    'neighbour error': near ? Math.log(near.error + FLOOR.error) : 0,
    disagreement: near ? Math.log(disagreement(near, standardised) + FLOOR.disagreement) : 0,
    'element error': Math.log(meanAtom((z) => (seen.elements.get(z) ?? seen.mean).error)),
    'rare pairs': meanPair((count) => -Math.log(count + 0.5)),
    'unseen pairs': meanPair((count) => (count === 0 ? 1 : 0)),
    'unseen elements': meanAtom((z) => (seen.elements.has(z) ? 0 : 1)),
    denser: Math.max(0, Math.min(STRANGEST_PACKING, packing)),
    sparser: Math.max(0, Math.min(STRANGEST_PACKING, -packing)),
    'members apart': apart ? Math.log(rootMeanSquare(apart) + FLOOR.members) : 0,
  }
  return Object.values(signals)
}

/** How far a prediction is from the targets around it. */
function disagreement({ values }: Neighbourhood, standardised: readonly number[]): number {
  return rootMeanSquare(standardised.map((y, t) => y - values[t]))
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)
}
